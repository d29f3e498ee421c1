"""Find, choose and list the kernels of an image."""

from .catalog import Catalog, Choice, Entry, FoundEntry, MissingEntry, Visibility
from .choosing import choose
from .discovery import Discovery, Places
from .listing import listing, spec_of
from .live import Live
from .model import Environment, Kernel, Snapshot, Source, Trouble
from .secrets import without_secrets
from .stanza import is_provisioned, without_ours

__all__ = [
    "Catalog",
    "Choice",
    "Discovery",
    "Entry",
    "Environment",
    "FoundEntry",
    "Kernel",
    "Live",
    "MissingEntry",
    "Places",
    "Snapshot",
    "Source",
    "Trouble",
    "Visibility",
    "choose",
    "is_provisioned",
    "listing",
    "spec_of",
    "without_ours",
    "without_secrets",
]
