"""The whole: what surrounds an activation neither harms it nor is harmed by it."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import unprivileged

from jupyter_sm.kernels.activation import Activation

from .installation import PATH, Installation

LIBRARIES = 'export LD_LIBRARY_PATH="$CONDA_PREFIX/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"\n'


def test_variables_and_scripts_come_together(conda: Installation) -> None:
    files = {
        "conda-meta/state": '{"env_vars": {"LD_LIBRARY_PATH": "/state"}}',
        "etc/conda/activate.d/libs.sh": LIBRARIES + "echo set\n",
    }
    prefix = conda.environment("my env", files)

    found = conda.activate(prefix, conda.plain(LD_LIBRARY_PATH="/outer", MINE="1"))

    assert found == Activation(
        environ={
            "HOME": str(conda.home),
            "MINE": "1",
            "PATH": f"{prefix}/bin:{conda.root}/condabin:/usr/bin:/bin",
            "CONDA_PREFIX": str(prefix),
            "CONDA_SHLVL": "1",
            "CONDA_DEFAULT_ENV": "my env",
            "CONDA_PROMPT_MODIFIER": "(my env) ",
            "CONDA_EXE": f"{conda.root}/bin/conda",
            "_CONDA_EXE": f"{conda.root}/bin/conda",
            "_CONDA_ROOT": str(conda.root),
            "CONDA_PYTHON_EXE": f"{conda.root}/bin/python",
            "_CE_M": "",
            "_CE_CONDA": "",
            "LD_LIBRARY_PATH": f"{prefix}/lib:/state",
            "__CONDA_SHLVL_0_LD_LIBRARY_PATH": "/outer",
        },
        findings=(),
        output="set",
    )


def test_neither_the_variables_given_nor_this_process_change(conda: Installation) -> None:
    given = conda.plain()
    before, ours = dict(given), dict(os.environ)
    prefix = conda.with_scripts("export A=1; cd /; umask 777")
    mask = os.umask(0o22)

    found = conda.activate(prefix, given)
    again = conda.activate(conda.environment("plain"), given)

    assert os.umask(mask) == 0o22
    assert given == before
    assert dict(os.environ) == ours
    assert found.environ is not given
    assert again.environ is not given


def test_conda_itself_is_never_run(conda: Installation, tmp_path: Path) -> None:
    for path in ("bin/conda", "condabin/conda", "bin/python", "bin/mamba", "bin/micromamba"):
        conda.program(path, f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    old = conda.environment("old", {"etc/conda/deactivate.d/a.sh": "true"})
    prefix = conda.with_scripts("type conda")

    conda.activate(prefix, conda.active(old))

    assert not (tmp_path / "ran").exists()


def test_without_a_home_everything_is_as_with_one(conda: Installation) -> None:
    prefix = conda.with_scripts("export A=1")
    homeless = {k: v for k, v in conda.plain().items() if k != "HOME"}

    found = conda.activate(prefix, homeless)

    assert found.findings == ()
    assert {**found.environ, "HOME": str(conda.home)} == conda.activate(prefix).environ


def test_a_user_who_is_in_no_password_file_can_activate(
    conda: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unprivileged, "NOBODY", 54321)
    prefix = conda.with_scripts("export WHO=$(id -u)")
    environ = {"PATH": PATH}

    found = unprivileged.as_ordinary_user(lambda: conda.activate(prefix, environ), owning=tmp_path)

    assert found.findings == ()
    assert found.environ["WHO"] == str(os.geteuid() or 54321)


def test_an_empty_environment_is_enough(conda: Installation) -> None:
    found = conda.activate(conda.with_scripts("export A=1"), {})

    assert found.findings == ()
    assert found.environ["A"] == "1"
    assert found.environ["PATH"].endswith(os.defpath)


def test_many_at_once_do_not_mix(conda: Installation) -> None:
    text = 'export OWN="$CONDA_PREFIX $GIVEN"; exec 3>/dev/null; echo "$CONDA_DEFAULT_ENV"'
    prefixes = [conda.with_scripts(text, "exit 1", "export A=1", name=f"e{i}") for i in range(20)]

    with ThreadPoolExecutor(20) as pool:
        found = list(
            pool.map(
                lambda prefix: conda.activate(prefix, conda.plain(GIVEN=prefix.name)), prefixes
            )
        )

    for prefix, one in zip(prefixes, found, strict=True):
        assert one.environ["OWN"] == f"{prefix} {prefix.name}"
        assert one.environ["A"] == "1"
        assert one.output == prefix.name
        assert [finding.source for finding in one.findings] == [
            f"{prefix}/etc/conda/activate.d/1.sh"
        ]


def test_a_process_can_be_started_with_the_result(conda: Installation) -> None:
    found = conda.activate(conda.with_scripts(LIBRARIES, r"export BYTES=$'\xff'"))

    seen = subprocess.run(
        ["/usr/bin/env", "-0"], env=found.environ, stdout=subprocess.PIPE, check=True
    )

    entries = {os.fsencode(f"{name}={value}") for name, value in found.environ.items()}
    assert set(seen.stdout.split(b"\0")) == {*entries, b""}


@pytest.mark.parametrize("name", ["it's", "a b", "$HOME", "`id`", "ünï", "a\nb", 'q"', "-e", "*"])
def test_awkward_prefixes_are_like_any_other(conda: Installation, name: str) -> None:
    prefix = conda.with_scripts('export HERE="$CONDA_PREFIX" FROM="${BASH_SOURCE[0]}"', name=name)
    old = conda.environment("old", {"etc/conda/deactivate.d/a.sh": "true"})

    found = conda.activate(prefix, conda.active(old))

    assert found.findings == ()
    assert found.environ["HERE"] == str(prefix)
    assert found.environ["FROM"] == f"{prefix}/etc/conda/activate.d/0.sh"
