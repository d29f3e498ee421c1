"""What the driver says, asked in a process of its own with a deadline."""
