"""Reads the kernel gateway's configuration as the gateway would, and makes the service from it."""

import concurrent.futures
import dataclasses
import difflib
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_core.application import JupyterApp
from traitlets import TraitError
from traitlets.config import Config

from ..errors import Finding, JupyterSMError, SettingError
from ..kernels import Catalog, Places
from ..server.service import Service
from ..server.settings import PREFIX, JupyterSM
from .configfiles import Configuration, read_config_files, sentence

T = TypeVar("T")

_NOBODY = 65534
"""Any user id but root's."""


class GatewayConfiguration(Configuration):
    """The kernel gateway's."""

    name = "jupyter-kernel-gateway"
    classes = [JupyterSM, KernelSpecManager]  # noqa: RUF012 - as the base declares it


@dataclasses.dataclass(frozen=True, slots=True)
class Host:
    """A kernel gateway's configuration and what this package makes of it.

    Attributes:
        app: holds the merged configuration and the command line's part of it.
        files: each file that was read, in the order of rising priority, with what it sets.
        settings: of this package.
        kernelspecs: Jupyter's own manager, as it is configured.
        service: constructed as the gateway's personality does it, and not started.
        problems: what is wrong with files that could not be used, by path.
    """

    app: JupyterApp
    files: Mapping[str, Config]
    settings: JupyterSM
    kernelspecs: KernelSpecManager
    service: Service
    problems: Mapping[str, Finding]

    @classmethod
    def read(cls, arguments: Sequence[str], *, tolerant: bool = False) -> "Host":
        """Read the configuration files that the gateway would read.

        Args:
            arguments: its command line, as far as it configures traits.
            tolerant: go on without files that cannot be used, as the gateway does.

        Raises:
            SettingError: a file or a value cannot be used.
        """
        read = read_config_files(GatewayConfiguration, arguments, tolerant=tolerant)
        app, files = read.app, read.files
        settings = _make(JupyterSM, app, files)
        _require_known(app.cli_config.get("JupyterSM", {}))
        kernelspecs = _make(KernelSpecManager, app, files)
        # The same folders as its own default, without importing IPython to find the last one.
        kernelspecs.kernel_dirs = list(Places.of_this_process().kernel_dirs)
        service = _service(settings, kernelspecs, Places.of_this_process())
        return cls(app, files, settings, kernelspecs, service, read.problems)

    def catalog(self) -> Catalog:
        """The kernels as the disk is now.

        Raises:
            JupyterSMError: a file system did not answer.
        """
        return _catalog(self.service)

    def catalog_for_export(self, *, skipped: str | None = None) -> Catalog:
        """The kernels as an export needs them.

        Root's care is left out: it is about what root starts, and an export starts nothing. An image
        is built by root, and its kernels are started by the user whose environments they are in.

        Args:
            skipped: a folder of kernelspecs that is not looked into.

        Raises:
            JupyterSMError: a file system did not answer.
        """
        manager = KernelSpecManager(parent=self.app, log=self.app.log)
        manager.kernel_dirs = [
            folder
            for folder in self.kernelspecs.kernel_dirs
            if skipped is None or os.path.realpath(folder) != os.path.realpath(skipped)
        ]
        places = dataclasses.replace(Places.of_this_process(), euid=_NOBODY)
        return _catalog(_service(self.settings, manager, places))

    def setter(self, section: str, trait: str) -> str | None:
        """The file whose value for a trait counts, None where no file sets it."""
        setting = [path for path, config in self.files.items() if trait in config.get(section, {})]
        return setting[-1] if setting else None

    def value(self, section: str, trait: str) -> Any:
        """The configured value of a trait of the gateway's, None where nothing sets it."""
        return self.app.config.get(section, {}).get(trait)

    def default_kernel(self, catalog: Catalog) -> str:
        """Name of the kernel that the gateway starts when none is named."""
        return (
            self.value("KernelGatewayApp", "default_kernel_name")
            or os.environ.get("KG_DEFAULT_KERNEL_NAME")
            or self.value("MappingKernelManager", "default_kernel_name")
            or catalog.default
        )

    def findings(self) -> tuple[Finding, ...]:
        """What keeps the gateway from serving this package's kernels although it is loaded."""
        section, trait = "KernelGatewayApp", "kernel_spec_manager_class"
        own = self.value(section, trait)
        if own is not None:
            seen = f"{section}.{trait} is {own}: that lists the gateway's kernels"
        elif self.settings.active is False:
            section, trait, seen = "JupyterSM", "active", "JupyterSM.active is False"
        else:
            return ()
        return (
            Finding(
                id="gateway-kernels-elsewhere",
                severity="warning",
                source=self.setter(section, trait) or "the gateway's configuration",
                seen=f"{seen}, jupyter_sm only watches",
                remedy="remove that setting, if jupyter_sm is to serve the kernels",
            ),
        )


def _require_known(settings: Mapping[str, Any]) -> None:
    known = JupyterSM.class_trait_names(config=True)
    for name in settings:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            remedy = f"did you mean {near[0]}?" if near else f"it has {', '.join(sorted(known))}"
            raise SettingError(f"JupyterSM has no setting {name!r}: {remedy}")


def _make(configurable: Callable[..., T], app: JupyterApp, files: Mapping[str, Config]) -> T:
    try:
        return configurable(parent=app, log=app.log)
    except TraitError as error:
        if str(error).startswith(PREFIX):  # an environment variable, which it names
            raise SettingError(str(error)) from None
        section = getattr(configurable, "__name__", "")
        places = " or ".join(path for path, config in files.items() if section in config)
        where = "on the command line" if section in app.cli_config else f"in {places}"
        raise SettingError(sentence(error, f"correct it {where}")) from None


def _service(settings: JupyterSM, kernelspecs: KernelSpecManager, places: Places) -> Service:
    return Service(
        host="kernel-gateway",
        settings=settings,
        log=settings.log,
        kernelspecs=kernelspecs,
        places=places,
    )


def _catalog(service: Service) -> Catalog:
    try:
        return service.live.fresh()
    except (TimeoutError, concurrent.futures.TimeoutError):  # one and the same from 3.11 on
        raise JupyterSMError(
            "the kernels could not be looked up in time: a folder of kernels lies on a file "
            "system that does not answer; `jupyter --paths` lists them"
        ) from None
