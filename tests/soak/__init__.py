"""``scripts/soak``: many clients at one real gateway for a bounded time, and what they saw."""
