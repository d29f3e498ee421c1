"""What it all means: the verdict, its reasons, what mends them, and which framework fits."""
