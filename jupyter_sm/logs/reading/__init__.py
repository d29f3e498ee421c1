"""Reads a spool that others write, rotate and delete at the same time."""
