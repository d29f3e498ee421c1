"""Find, choose and list the kernels of an image."""

from .catalog import Catalog, Choice, Entry, FoundEntry, Visibility
from .choosing import choose
from .discovery import Discovery, Places
from .listing import listing, spec_of
from .live import Live
from .model import Environment, Kernel, Snapshot, Source, Trouble

__all__ = [
    "Catalog",
    "Choice",
    "Discovery",
    "Entry",
    "Environment",
    "FoundEntry",
    "Kernel",
    "Live",
    "Places",
    "Snapshot",
    "Source",
    "Trouble",
    "Visibility",
    "choose",
    "listing",
    "spec_of",
]
