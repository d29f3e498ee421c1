"""Find, choose and list the kernels of an image."""

from .catalog import Catalog, Choice, Entry, Visibility
from .choosing import choose
from .discovery import Discovery, Places
from .listing import listing, spec_of
from .live import LiveCatalog
from .model import Environment, Kernel, Snapshot, Source, Trouble

__all__ = [
    "Catalog",
    "Choice",
    "Discovery",
    "Entry",
    "Environment",
    "Kernel",
    "LiveCatalog",
    "Places",
    "Snapshot",
    "Source",
    "Trouble",
    "Visibility",
    "choose",
    "listing",
    "spec_of",
]
