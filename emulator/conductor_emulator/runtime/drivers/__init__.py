"""How waiting and slow work happen: on the caller's own thread, between threads, or on an event loop."""
