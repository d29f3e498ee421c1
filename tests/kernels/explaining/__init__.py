"""Tests of the explaining kernel. A package, so that its files may share names with other rooms'."""
