"""A pytest plugin to test Conductor workflows in process, in virtual time."""
