"""What files say: the host's GPU, the driver's libraries, toolkits, frameworks. Nothing is loaded."""
