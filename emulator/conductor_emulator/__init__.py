"""An in-memory Conductor server: definitions, engine, runtime, REST and page."""
