"""FIT files: reading them into activities and writing them."""
