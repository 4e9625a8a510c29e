"""Pages for people: plain HTML, complete in itself, rendered on the server."""
