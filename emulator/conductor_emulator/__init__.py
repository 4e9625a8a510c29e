"""An in-memory Conductor server: definitions, engine, runtime, REST and page."""

__version__ = "0.1.0"
