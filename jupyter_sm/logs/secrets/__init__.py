"""Keeps secrets out of texts and log records."""
