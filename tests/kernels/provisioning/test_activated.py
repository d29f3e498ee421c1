"""A kernel has the variables of its environment, wherever that lies and whatever they come from."""

import json
import logging
import sys
from pathlib import Path

import pytest

from .foreign import ACTIVATE, IPYKERNEL, LOG, Host, explanation_of, on_event_loop, running

SCRIPT = """\
export LD_LIBRARY_PATH="$CONDA_PREFIX/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
echo "activating $CONDA_DEFAULT_ENV"
"""

AWKWARD = {
    "spaces": " two  spaces ",
    "quotes": 'it\'s "quoted"',
    "dollar": "a $HOME `id` $(id)",
    "not-ascii": "größe-環境-é",
    "newline": "two\nlines",
    "glob": "[x]*?",
    "dash": "-leading",
    "backslash": "back\\slash\\n",
    "shell": "a;b&c|d>e#f",
}


@pytest.mark.parametrize("folder", AWKWARD.values(), ids=AWKWARD)
@on_event_loop
async def test_a_kernel_starts_in_an_environment_wherever_it_lies(host: Host, folder: str) -> None:
    prefix = host.environment(folder=folder, files={f"{ACTIVATE}/a.sh": SCRIPT})

    async with running(host.manager()) as kernel:
        environ = await kernel.environ()
        cell = await kernel.run("import sys; print(sys.prefix)")

    assert environ["CONDA_PREFIX"] == str(prefix)
    assert environ["PATH"].startswith(f"{prefix}/bin:")
    assert environ["LD_LIBRARY_PATH"].startswith(f"{prefix}/lib")
    assert cell.text == f"{prefix}\n"


@on_event_loop
async def test_everything_that_activation_sets_reaches_the_kernel(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    former = host.environment(
        "former", files={"etc/conda/deactivate.d/x.sh": 'export LEFT="$CONDA_PREFIX"; unset OLD\n'}
    )
    prefix = host.environment(
        files={
            f"{ACTIVATE}/a.sh": 'export SEEN="$FROM_FILE $FROM_STATE $LEFT"\n',
            "etc/conda/env_vars.d/p.json": json.dumps({"FROM_FILE": "file $HOME"}),
            "conda-meta/state": json.dumps(
                {"env_vars": {"FROM_STATE": "state", "GONE": "***unset***"}}
            ),
        },
        env={
            "FROM_STATE": "kernel.json",
            "BELOW": "${CONDA_PREFIX}/share $NOT_SET",
            "SEEN_TOO": "$SEEN",
        },
    )
    for name, value in {
        "CONDA_PREFIX": str(former),
        "CONDA_SHLVL": "1",
        "PATH": f"{former}/bin:/usr/bin:/bin",
        "OLD": "1",
    }.items():
        monkeypatch.setenv(name, value)

    async with running(host.manager()) as kernel:
        environ = await kernel.environ()

    expected = {
        "BELOW": f"{prefix}/share $NOT_SET",
        "CONDA_DEFAULT_ENV": "e",
        "CONDA_PREFIX": str(prefix),
        "CONDA_PREFIX_1": str(former),
        "CONDA_SHLVL": "2",
        "FROM_FILE": "file $HOME",
        "FROM_STATE": "kernel.json",
        "LEFT": str(former),
        "PATH": f"{prefix}/bin:/usr/bin:/bin",
        "SEEN": f"file $HOME state {former}",
        "SEEN_TOO": f"file $HOME state {former}",
    }
    assert {name: environ.get(name) for name in expected} == expected
    assert not {"GONE", "OLD"} & set(environ)


@on_event_loop
async def test_the_hosts_own_variables_for_a_kernel_are_activated_too(host: Host) -> None:
    host.scripted('export TWICE="$GIVEN$GIVEN"\n')
    given = {"PATH": "/usr/bin:/bin", "GIVEN": "x"}

    async with running(host.manager(), env=given) as kernel:
        environ = await kernel.environ()
        await kernel.km.restart_kernel(now=True)
        await kernel.ready()
        again = await kernel.environ()

    assert (environ["TWICE"], again["TWICE"]) == ("xx", "xx")
    assert "HOME" not in environ
    assert given == {"PATH": "/usr/bin:/bin", "GIVEN": "x"}


@on_event_loop
async def test_a_kernelspec_without_an_environment_starts_as_ever(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = host.install("plain", Path("/x"), argv=[sys.executable, *IPYKERNEL])
    spec = json.loads(file.read_text())
    spec["metadata"]["kernel_provisioner"]["config"] = {}
    file.write_text(json.dumps(spec))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")

    async with running(host.manager("plain")) as kernel:
        environ = await kernel.environ()
        assert explanation_of(kernel.km) is None

    assert environ["PATH"] == "/usr/bin:/bin"
    assert "CONDA_PREFIX" not in environ


@on_event_loop
async def test_the_program_is_looked_for_on_the_activated_path(host: Host) -> None:
    prefix = host.environment(argv=["our-python", *IPYKERNEL])
    (prefix / "bin/our-python").symlink_to("python")

    async with running(host.manager()) as kernel:
        assert (await kernel.run("import sys; print(sys.prefix)")).text == f"{prefix}\n"


@on_event_loop
async def test_what_scripts_write_is_in_the_log_by_the_kernels_id(
    host: Host, caplog: pytest.LogCaptureFixture
) -> None:
    host.environment(files={f"{ACTIVATE}/a.sh": SCRIPT})
    km = host.manager()
    caplog.set_level(logging.INFO, LOG.name)

    async with running(km):
        pass

    told = [(r.levelname, r.getMessage()) for r in caplog.records if "activat" in r.getMessage()]
    assert told == [("INFO", f"Kernel {km.kernel_id} (e), activation: activating e")]
