"""The entry point that pytest loads: fixtures and options."""
