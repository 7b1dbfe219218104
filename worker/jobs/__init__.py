"""One module per kind of part; a handler takes the context, the claimed part and `on_progress`."""
