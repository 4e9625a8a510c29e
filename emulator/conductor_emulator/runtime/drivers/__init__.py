"""How waiting and slow work happen: between threads, or on an event loop."""
