"""Workers: the functions that execute tasks, and the runner that brings them tasks."""
