"""Tests of activation. A package, so that its files may share names with those of other rooms."""
