"""One use case a module: what happens, in which order, in which transaction."""
