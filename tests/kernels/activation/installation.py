"""A conda installation with environments to activate, below a test's folder."""

import os
from collections.abc import Mapping
from pathlib import Path

from envs import make_environment

from jupyter_sm.kernels.activation import Activation, activate

PATH = "/usr/bin:/bin"

ACTIVATE = "etc/conda/activate.d"
DEACTIVATE = "etc/conda/deactivate.d"


class Installation:
    """A root that has conda, and the environments that a test makes in it."""

    def __init__(self, folder: Path) -> None:
        self.root = make_environment(folder / "conda", kernels=(), interpreter=None)
        self.home = folder / "home"
        self.home.mkdir()
        self.program("bin/conda")
        self.program("condabin/conda")

    def program(self, path: str, text: str = "#!/bin/sh\n") -> Path:
        """A program of the installation."""
        program = self.root / path
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(text)
        program.chmod(0o755)
        return program

    def environment(self, name: str = "e", files: Mapping[str, str] | None = None) -> Path:
        return make_environment(
            self.root / "envs" / name, kernels=(), interpreter=None, files=files
        )

    def with_scripts(self, *texts: str, name: str = "e") -> Path:
        """An environment with activate.d/0.sh, 1.sh and so on."""
        files = {f"{ACTIVATE}/{i}.sh": text for i, text in enumerate(texts)}
        return self.environment(name, files)

    def between(self, text: str) -> Path:
        """An environment whose script stands between two good ones, which set FIRST and LAST."""
        return self.with_scripts("export FIRST=1\n", text, "export LAST=1\n")

    def plain(self, **more: str) -> dict[str, str]:
        """Variables of a process in which nothing is active."""
        return {"PATH": PATH, "HOME": str(self.home), **more}

    def active(self, prefix: Path, **more: str) -> dict[str, str]:
        """Variables of a process in which ``prefix`` is active."""
        path = f"{prefix}/bin:{self.root}/condabin:{PATH}"
        return self.plain(PATH=path, CONDA_PREFIX=str(prefix), CONDA_SHLVL="1") | more

    def activate(
        self, prefix: Path, environ: Mapping[str, str] | None = None, *, timeout: float = 20.0
    ) -> Activation:
        before = self.plain() if environ is None else environ
        return activate(os.fspath(prefix), before, root=str(self.root), timeout=timeout)


def told(found: Activation, prefix: Path) -> dict[str, str]:
    """Kind of finding by the name of the script."""
    folder = f"{prefix}/{ACTIVATE}/"
    return {
        finding.source.removeprefix(folder): finding.id.removeprefix("activation-script-")
        for finding in found.findings
    }
