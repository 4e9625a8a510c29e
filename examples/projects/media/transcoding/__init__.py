"""From an uploaded video to a published one: workflows as code, and their workers."""
