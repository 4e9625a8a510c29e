"""A shop: its workers, and the front that starts its workflows."""
