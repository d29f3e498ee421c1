"""A kernel that the system refuses to start is explained, and starts once it is mended."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .foreign import Host, Session, explanation_of, is_connectable, on_event_loop, running


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


PROGRAMS: dict[str, tuple[Callable[[Path], object], str]] = {
    "gone": (lambda _: None, "no such file or directory"),
    "a folder": (Path.mkdir, "permission denied"),
    "not executable": (Path.touch, "permission denied"),
    "no program": (lambda path: program(path, "echo\n"), "exec format error"),
    "no interpreter": (
        lambda path: program(path, "#!/not/there\n"),
        "the program that its first line names is gone",
    ),
}


@pytest.mark.parametrize("kind", PROGRAMS)
@on_event_loop
async def test_a_program_that_cannot_be_executed_is_named_with_what_is_wrong(
    host: Host, kind: str
) -> None:
    prefix = host.environment()
    argv0 = prefix / "bin/R"
    make, wrong = PROGRAMS[kind]
    make(argv0)
    file = host.install("e", prefix, argv=[str(argv0), "{connection_file}"], language="R")

    async with running(host.manager()) as kernel:
        told = await kernel.told()

    assert f"  {argv0} cannot be started: {wrong}\n  in {file}\n" in told
    assert "ipykernel" not in told, "the kernel is not Python's"


@pytest.mark.parametrize(
    "spec",
    [
        {"argv": []},
        {"argv": ["\0"]},
        {"env": {"A=B": "x"}},
        {"env": {"A": "\0"}},
        {"env": {"A": "x" * 200_000}},
    ],
    ids=["no argv", "NUL in argv", "odd variable", "NUL in a variable", "a long variable"],
)
@on_event_loop
async def test_a_kernel_json_that_no_program_can_be_started_from_is_told(
    host: Host, spec: dict[str, Any]
) -> None:
    host.environment(**spec)

    async with running(host.manager()) as kernel:
        told = await kernel.told()

    assert f"{host.share}/kernels/e/kernel.json" in told
    assert "conda install" not in told, "installing something would not mend it"


@on_event_loop
async def test_a_lost_interpreter_is_told_the_command_that_installs_it(host: Host) -> None:
    prefix = host.environment(folder="it's gone")
    (prefix / "bin/python").unlink()

    async with running(host.manager()) as kernel:
        told = await kernel.told()

    quoted = str(prefix).replace("'", "'\"'\"'")
    assert f"conda install --prefix '{quoted}' python ipykernel" in told


@on_event_loop
async def test_a_folder_that_is_gone_is_the_hosts_error_as_ever(host: Host, tmp_path: Path) -> None:
    host.environment()
    km = host.manager()

    with pytest.raises(FileNotFoundError, match="gone"):
        await km.start_kernel(cwd=str(tmp_path / "gone"))

    assert not await km.is_alive()
    await km.shutdown_kernel(now=True)


@pytest.mark.parametrize("how", ["a folder is given", "none is given"])
@on_event_loop
async def test_a_host_whose_own_folder_is_gone_does_not_start_two_processes(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    host.environment()
    km = host.manager(connection_file=str(tmp_path / "kernel.json"))
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    try:
        await km.start_kernel(**({"cwd": str(tmp_path)} if how == "a folder is given" else {}))
    except FileNotFoundError:  # as without this package
        assert explanation_of(km) is None
    await km.shutdown_kernel(now=True)


@on_event_loop
async def test_an_environment_that_goes_and_comes_back_needs_a_restart_and_no_new_connection(
    host: Host,
) -> None:
    prefix = host.environment()
    away = prefix.with_name("away")

    async with running(host.manager()) as kernel:
        prefix.rename(away)
        await restarted(kernel)
        assert f"  {prefix} is no conda environment" in await kernel.told()

        away.rename(prefix)
        await restarted(kernel)
        assert (await kernel.run("print('mended')")).text == "mended\n"
        assert explanation_of(kernel.km) is None


@on_event_loop
async def test_a_kernelspec_that_goes_and_comes_back_needs_a_restart_too(host: Host) -> None:
    prefix = host.environment()
    folder = host.share / "kernels/e"

    async with running(host.manager()) as kernel:
        shutil.rmtree(folder)
        await restarted(kernel)
        assert "  the kernelspec e is not there any more\n" in await kernel.told()

        host.install("e", prefix)
        await restarted(kernel)
        assert (await kernel.run("print('mended')")).text == "mended\n"


@on_event_loop
async def test_a_kernelspec_may_change_between_start_and_restart(host: Host) -> None:
    host.environment()
    other = host.environment("other")

    async with running(host.manager()) as kernel:
        host.install("e", other, env={"NEW": "1"})
        await restarted(kernel)
        environ = await kernel.environ()

    assert (environ["CONDA_PREFIX"], environ["NEW"]) == (str(other), "1")


@on_event_loop
async def test_a_kernel_json_that_became_unusable_is_told_at_a_restart(host: Host) -> None:
    prefix = host.environment()
    file = host.share / "kernels/e/kernel.json"
    stanza = '{"metadata": {"kernel_provisioner": {"provisioner_name": "jupyter-sm-conda", "config": %s}}}'

    async with running(host.manager()) as kernel:
        for text in ("{", "[]", '{"metadata": null}', "\xff", stanza % '{"prefix": 5}'):
            file.write_text(text, encoding="latin-1")
            await restarted(kernel)
            assert str(file) in await kernel.told(), text

        host.install("e", prefix)
        await restarted(kernel)
        assert (await kernel.run("print('mended')")).text == "mended\n"


@on_event_loop
async def test_a_kernelspec_that_names_another_provisioner_asks_for_a_new_start(host: Host) -> None:
    host.environment()
    file = host.share / "kernels/e/kernel.json"
    spec = json.loads(file.read_text())

    async with running(host.manager()) as kernel:
        spec["metadata"]["kernel_provisioner"] = {"provisioner_name": "local-provisioner"}
        file.write_text(json.dumps(spec))
        await restarted(kernel)
        told = await kernel.told()

    assert "it is now started by the provisioner local-provisioner" in told
    assert "shut this kernel down and start it again" in told


@on_event_loop
async def test_trouble_that_the_kernelspec_tells_is_told_until_it_is_gone(host: Host) -> None:
    prefix = host.environment()
    file = host.share / "kernels/e/kernel.json"
    spec = json.loads(file.read_text())
    spec["metadata"]["kernel_provisioner"]["config"]["trouble"] = {
        "reason": "it has a hole",
        "remedy": "dear-liza 'mend it'",
        "file": "/the/bucket",
    }
    file.write_text(json.dumps(spec))

    async with running(host.manager()) as kernel:
        told = await kernel.told()
        assert is_connectable(kernel.km)
        host.install("e", prefix)
        await restarted(kernel)
        assert (await kernel.run("print('mended')")).text == "mended\n"

    assert "  it has a hole\n  in /the/bucket\n" in told
    assert "  dear-liza 'mend it'\n" in told


async def restarted(kernel: Session) -> None:
    """Restart it; the same client goes on."""
    await kernel.km.restart_kernel(now=True)
    await kernel.ready()
