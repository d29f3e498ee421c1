"""What every command needs of its process before Jupyter is asked: a working directory and a home."""

import os

from jupyter_core.paths import jupyter_config_path, jupyter_path

from ..errors import SettingError


def check_surroundings() -> None:
    """Say in a sentence what Jupyter would only say in a traceback.

    Raises:
        SettingError: there is no working directory, or no home folder where one is needed.
    """
    try:
        os.getcwd()
    except OSError as error:
        raise SettingError(
            f"the working directory cannot be used: {error.strerror}; change to another one"
        ) from None
    try:
        jupyter_path(), jupyter_config_path()
    except RuntimeError:
        raise SettingError(
            f"HOME is not set and uid {os.geteuid()} has no entry in the password database: Jupyter "
            "cannot tell where its user's files are; set HOME"
        ) from None
