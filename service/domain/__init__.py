"""What Afterrun knows about running, bodies and the right moment: pure functions over frozen values.

Read in this order: activity, athlete, history, efforts, classification, movements, routine, sessions, digest, message.
Nothing here meets a database, a clock, a network or a vendor.
"""
