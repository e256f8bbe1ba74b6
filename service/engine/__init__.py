"""What makes the use cases happen over time."""
