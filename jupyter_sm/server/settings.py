"""The one configuration class: every setting, where it comes from, and which source wins.

Command line over environment over file: a Dockerfile's ``ENV JUPYTER_SM_SHOW=all`` beats a file in
the image, and ``--JupyterSM.show=configured`` beats both.
"""

import os
import re
from collections.abc import Mapping
from typing import Any

from traitlets import Bool, Enum, TraitError, Unicode, Union, validate
from traitlets.config import Config, LoggingConfigurable

from ..image import METADATA_FILE

PREFIX = "JUPYTER_SM_"

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


class JupyterSM(LoggingConfigurable):
    """Configuration of jupyter_sm in every host. Each trait has an environment variable ``JUPYTER_SM_<TRAIT>``."""

    active = Bool(
        None,
        allow_none=True,
        help="""Serve this image's kernels. None (the default): always in the kernel gateway; in
        Jupyter Server and JupyterLab only where an AppImageConfig or a metadata document is found.""",
    ).tag(config=True)

    app_image_config = Unicode(
        "",
        help="""Path of the AppImageConfig, as create-app-image-config takes it or
        describe-app-image-config returns it. Empty: /etc/jupyter_sm/app-image-config.json, then
        <sys.prefix>/etc/jupyter_sm/app-image-config.json.""",
    ).tag(config=True)

    metadata_file = Unicode(
        METADATA_FILE, help="""Path of the metadata document that SageMaker writes."""
    ).tag(config=True)

    show = Enum(
        ["configured", "all"],
        "configured",
        help="""Which kernels are offered: those that the AppImageConfig lists (python3 alone where
        there is none), or all that were found.""",
    ).tag(config=True)

    enforce = Bool(
        False, help="""Refuse to start a kernel that is not offered, even when asked for by name."""
    ).tag(config=True)

    conda_env_filter = Unicode(
        "",
        help="""Regular expression; a conda environment whose path it is found in is left out, and
        none of its kernels can be started.""",
    ).tag(config=True)

    log_root = Unicode(
        "",
        help="""Folder below which the logs are written, in CloudWatch's layout. Empty:
        /var/log/jupyter_sm where it can be written, else <tmp>/jupyter_sm-<uid>/logs.""",
    ).tag(config=True)

    ship_logs = Union(
        [Bool(), Enum(["force"])],
        default_value=False,
        help="""Send the logs to CloudWatch Logs from a process of its own; needs the extra [aws] and
        credentials. Not done where a metadata document exists, as SageMaker collects the output
        there; "force" does it all the same, and every line then arrives twice.""",
    ).tag(config=True)

    cuda_check = Bool(
        True,
        help="""Ask the NVIDIA driver, in a process of its own with a deadline, whether CUDA is
        visible. Off: only files are looked at.""",
    ).tag(config=True)

    def __init__(self, *, environ: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._origins = self._apply_environment(os.environ if environ is None else environ)

    @validate("conda_env_filter")
    def _check_filter(self, proposal: Any) -> str:
        value: str = proposal["value"]
        try:
            re.compile(value)
        except re.error as error:
            raise TraitError(
                f"JupyterSM.conda_env_filter: {value!r} is not a regular expression: {error}. "
                r"Example: ^/opt/conda$"
            ) from None
        return value

    def origin(self, trait: str) -> str:
        """Where a trait's value comes from: the command line, a variable, a file, or its default."""
        return self._origins[trait]

    def _apply_environment(self, environ: Mapping[str, str]) -> dict[str, str]:
        from_command_line = _command_line_of(self.parent).get("JupyterSM", {})
        from_files = self.config.get("JupyterSM", {}) if self.parent else {}
        origins: dict[str, str] = {}
        for name in self.trait_names(config=True):
            variable = PREFIX + name.upper()
            if name in from_command_line:
                origins[name] = "command line"
            elif environ.get(variable):
                self._set_from_environment(name, variable, environ[variable])
                origins[name] = f"environment {variable}"
            else:
                origins[name] = "configuration file" if name in from_files else "default"
        return origins

    def _set_from_environment(self, name: str, variable: str, text: str) -> None:
        trait = self.traits()[name]
        value: Any = text
        if isinstance(trait, Bool) or (isinstance(trait, Union) and is_boolean(text)):
            value = boolean(variable, text)
        try:
            setattr(self, name, value)
        except TraitError as error:
            raise TraitError(f"{variable}={text!r}: {error}") from None


def is_configured(app: Any, configurable: Any, trait: str) -> bool:
    """Whether the user's configuration sets a trait of an object's class or of one of its bases."""
    return any(trait in app.config.get(cls.__name__, {}) for cls in type(configurable).__mro__)


def boolean(variable: str, text: str) -> bool:
    """The truth value of a variable.

    Raises:
        TraitError: it is neither true nor false.
    """
    if is_boolean(text):
        return text.strip().lower() in _TRUE
    raise TraitError(f"{variable}={text!r} is neither true nor false: write 1 or 0")


def is_boolean(text: str) -> bool:
    """Whether a variable's text is a truth value."""
    return text.strip().lower() in _TRUE | _FALSE


def _command_line_of(parent: Any) -> Mapping[str, Any]:
    """What the host's command line set, as far as the host still knows (``Application.cli_config``)."""
    while parent is not None:
        if isinstance(getattr(parent, "cli_config", None), Config):
            return dict(parent.cli_config)
        parent = getattr(parent, "parent", None)
    return {}
