"""What a person may change: settings, the movement catalogue and the routine policy, and nothing else."""
