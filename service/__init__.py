"""Afterrun: the right mobility routine after each run, while the legs are warm."""
