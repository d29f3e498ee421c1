"""What a client is told of the image: who the server runs as, and what it was configured with."""

import platform
import sys

from ..image import MetadataReading
from ..reading import printable
from .api import AppImageConfigInUse, Host, Image
from .hostrules import file_system_of
from .look import Look
from .who import Who


def image_of(look: Look, reading: MetadataReading, host: Host, who: Who) -> Image:
    """The part ``image`` of the overview; all of it is in memory.

    Args:
        look: which knows the AppImageConfig in use.
        reading: the app's identity, which says which section of it counts.
        host: the same, where there is no identity.
        who: the process runs as.
    """
    config = look.config
    mount = file_system_of(config, reading, host)
    return Image(
        user=who.user,
        group=who.group,
        uid=who.uid,
        gid=who.gid,
        python=f"{platform.python_version()} ({printable(sys.executable)})",
        home=printable(who.home),
        app_image_config=AppImageConfigInUse(
            file=look.config_file,
            name=config.app_image_config_name if config else None,
            mount_path=mount.mount_path if mount else None,
            uid=mount.default_uid if mount else None,
            gid=mount.default_gid if mount else None,
        ),
    )
