"""Reads the kernel gateway's configuration as the gateway would, and makes the service from it."""

import concurrent.futures
import copy
import difflib
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_core.application import JupyterApp
from traitlets import TraitError
from traitlets.config import Config
from traitlets.config.loader import (
    ConfigFileNotFound,
    FileConfigLoader,
    JSONFileConfigLoader,
    PyFileConfigLoader,
)

from ..errors import Finding, JupyterSMError, SettingError
from ..kernels import Catalog, Places
from ..server.service import Service
from ..server.settings import PREFIX, JupyterSM
from .quickstart import without_iri_checks

T = TypeVar("T")


class GatewayConfiguration(JupyterApp):
    """The gateway's name, and with it its configuration files, without the gateway."""

    name = "jupyter-kernel-gateway"
    raise_config_file_errors = True
    classes = [JupyterSM, KernelSpecManager]  # noqa: RUF012 - as the base declares it

    def migrate_config(self) -> None:
        """Leave old configuration where it is: who only looks changes nothing."""

    def exit(self, exit_status: int | str | None = 0) -> None:  # noqa: ARG002 - its signature
        """Called by traitlets where it has caught a configuration error.

        Raises:
            SettingError: always, with that error's words.
        """
        raise SettingError(_sentence(sys.exc_info()[1], "correct it there")) from None


@dataclass(frozen=True, slots=True)
class Host:
    """A kernel gateway's configuration and what this package makes of it.

    Attributes:
        app: holds the merged configuration and the command line's part of it.
        files: each file that was read, in the order of rising priority, with what it sets.
        settings: of this package.
        kernelspecs: Jupyter's own manager, as it is configured.
        service: constructed as the gateway's personality does it, and not started.
    """

    app: JupyterApp
    files: Mapping[str, Config]
    settings: JupyterSM
    kernelspecs: KernelSpecManager
    service: Service

    @classmethod
    def read(cls, arguments: Sequence[str]) -> "Host":
        """Read the configuration files that the gateway would read.

        Args:
            arguments: its command line, as far as it configures traits.

        Raises:
            SettingError: a file or a value cannot be used.
        """
        files: dict[str, Config] = {}
        app = _application(files)
        with without_iri_checks():  # the file that pip installs imports the gateway
            app.initialize(list(arguments))
        _require_named_file(app, files)
        settings = _make(JupyterSM, app, files)
        _require_known(app.cli_config.get("JupyterSM", {}))
        kernelspecs = _make(KernelSpecManager, app, files)
        # The same folders as its own default, without importing IPython to find the last one.
        kernelspecs.kernel_dirs = list(Places.of_this_process().kernel_dirs)
        return cls(app, files, settings, kernelspecs, _service(settings, kernelspecs))

    def catalog(self, *, skipped: str | None = None) -> Catalog:
        """The kernels as the disk is now.

        Args:
            skipped: a folder of kernelspecs that is not looked into.

        Raises:
            JupyterSMError: a file system did not answer.
        """
        service = self.service if skipped is None else self._service_without(skipped)
        try:
            return service.live.fresh()
        except (TimeoutError, concurrent.futures.TimeoutError):  # one and the same from 3.11 on
            raise JupyterSMError(
                "the kernels could not be looked up in time: a folder of kernels lies on a file "
                "system that does not answer; `jupyter --paths` lists them"
            ) from None

    def _service_without(self, folder: str) -> Service:
        folders = self.kernelspecs.kernel_dirs
        others = [each for each in folders if os.path.realpath(each) != os.path.realpath(folder)]
        if others == folders:
            return self.service
        manager = KernelSpecManager(parent=self.app, log=self.app.log)
        manager.kernel_dirs = others
        return _service(self.settings, manager)

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


def _application(files: dict[str, Config]) -> JupyterApp:
    """The application, recording what each file sets."""
    recording = {
        f"{kind}_config_loader_class": type("Recording", (_Recording, loader), {"files": files})
        for kind, loader in (("python", PyFileConfigLoader), ("json", JSONFileConfigLoader))
    }
    app_class: Callable[..., JupyterApp] = type(
        GatewayConfiguration.__name__, (GatewayConfiguration,), recording
    )
    # What is worth saying is a finding; the gateway itself logs the same to whom it concerns.
    silence = logging.Logger("jupyter_sm", logging.CRITICAL + 1)  # noqa: LOG001 - nobody else's
    return app_class(log=silence)


class _Recording(FileConfigLoader):
    """A loader that keeps what each file sets, and names the file that cannot be read."""

    files: dict[str, Config]

    def load_config(self) -> Config:
        try:
            config = super().load_config()
        except (ConfigFileNotFound, SettingError):
            raise
        except Exception as error:  # whatever the file does
            raise SettingError(f"{self.full_filename}: {_sentence(error, 'correct it')}") from error
        # A copy: traitlets merges files of higher priority into the sections of the first one.
        self.files[self.full_filename] = copy.deepcopy(config)
        return config


def _require_named_file(app: JupyterApp, files: Mapping[str, Config]) -> None:
    """The gateway goes on in silence when the file that --config names is not there."""
    wanted = _stem(os.path.expanduser(app.config_file))
    if app.config_file and not any(_stem(path) == wanted for path in files):
        raise SettingError(f"--config={app.config_file}: there is no such file; correct the path")


def _stem(path: str) -> str:
    return os.path.realpath(os.path.splitext(path)[0])


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
        raise SettingError(_sentence(error, f"correct it {where}")) from None


def _sentence(error: BaseException | None, remedy: str) -> str:
    words = " ".join(str(error).split()) or type(error).__name__
    return f"{words.rstrip('.')}; {remedy}"


def _service(settings: JupyterSM, kernelspecs: KernelSpecManager) -> Service:
    return Service(
        host="kernel-gateway", settings=settings, log=settings.log, kernelspecs=kernelspecs
    )
