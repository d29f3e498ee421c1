"""Tests of the command line. A package, so that its files may share names with those of other rooms."""
