"""The commands that are proposed: what they install, and what they leave alone."""

import shlex

import pytest

from jupyter_sm.cuda.model import Framework, FrameworkName
from jupyter_sm.cuda.verdict.installing import Place, install

PLACE = Place("/opt/env", "/opt/env/bin/python3")


def framework(
    name: FrameworkName, version: str, *distributions: str, cuda: str | None = None
) -> Framework:
    return Framework(
        name=name,
        version=version,
        build="cuda" if cuda else "cpu",
        cuda=cuda,
        source="version.py",
        distributions=distributions,
    )


def command(
    installed: Framework, newest: int | None = 12, *capabilities: str, place: Place = PLACE
) -> str:
    return install(installed, place, newest=newest, capabilities=capabilities)


@pytest.mark.parametrize(
    ("version", "newest", "capability", "backend", "requirement"),
    [
        ("2.9.1+cu130", 12, "8.6", "cu126", "torch==2.9.1"),
        ("2.9.1+cpu", 13, "8.6", "cu130", "torch==2.9.1"),
        ("2.9.1", 12, "10.0", "cu128", "torch==2.9.1"),
        ("2.6.0", 13, "8.6", "cu124", "torch==2.6.0"),
        ("2.6.0", 11, "8.6", "cu118", "torch==2.6.0"),
        ("2.11.0+cu128", 13, "7.0", "cu126", "torch==2.11.0"),
        ("2.7.1+cu128", 12, "7.0", "cu126", "torch==2.7.1"),
        ("2.9.1+cu130", 11, "8.6", "cu118", "torch"),
        ("2.6.0+cu124", 13, "10.0", "cu130", "torch"),
        ("2.15.0+cu130", 12, "8.6", "cu126", "torch"),
        ("2.6.0a0+git123", 12, "8.6", "cu126", "torch"),
        ("", 12, "8.6", "cu126", "torch"),
    ],
)
def test_pytorchs_version_is_kept_where_it_is_published_for_that_cuda(
    *, version: str, newest: int, capability: str, backend: str, requirement: str
) -> None:
    found = command(framework("torch", version, "torch"), newest, capability)

    words = shlex.split(found, comments=True)
    assert f"--torch-backend={backend}" in words
    assert words[-1] == requirement
    assert ("# of another version" in found) == (requirement == "torch")


def test_what_was_built_for_pytorch_is_installed_with_it() -> None:
    installed = framework("torch", "2.9.1+cu130", "torch", "torchvision", "torchaudio")
    words = shlex.split(command(installed))

    assert words[-3:] == ["torch==2.9.1", "torchvision", "torchaudio"]
    assert {"--reinstall-package=torchvision", "--reinstall-package=torchaudio"} < set(words)


@pytest.mark.parametrize(
    ("version", "distributions", "newest", "expected"),
    [
        ("0.6.0", ("jaxlib",), 12, "-m pip install 'jax[cuda12]==0.6.0'"),
        ("0.6.0", ("jaxlib",), 13, "-m pip install 'jax[cuda12]==0.6.0'"),
        ("0.10.2", ("jaxlib",), 13, "-m pip install 'jax[cuda13]==0.10.2'"),
        (
            "0.10.2",
            ("jaxlib", "jax-cuda13-pjrt", "jax-cuda13-plugin"),
            12,
            (
                "-m pip uninstall -y jax-cuda13-pjrt jax-cuda13-plugin && "
                "/opt/env/bin/python3 -m pip install 'jax[cuda12]==0.10.2'"
            ),
        ),
        (
            "0.10.2",
            ("jaxlib", "jax-cuda12-plugin"),
            12,
            "-m pip install 'jax[cuda12]==0.10.2'",
        ),
        (
            "0.4.13",
            ("jaxlib",),
            12,
            (
                "-m pip install --upgrade 'jax[cuda12]'"
                "  # of another version: no such build of 0.4.13 is known"
            ),
        ),
    ],
)
def test_jax_keeps_its_version_and_loses_the_plugins_of_another_cuda(
    version: str, distributions: tuple[str, ...], newest: int, expected: str
) -> None:
    found = command(framework("jax", version, *distributions), newest)

    assert found == f"/opt/env/bin/python3 {expected}"


@pytest.mark.parametrize(
    ("version", "distribution", "expected"),
    [
        ("2.19.0", "tensorflow", "-m pip install 'tensorflow[and-cuda]==2.19.0'"),
        (
            "2.19.0",
            "tensorflow-cpu",
            (
                "-m pip uninstall -y tensorflow-cpu && "
                "/opt/env/bin/python3 -m pip install 'tensorflow[and-cuda]==2.19.0'"
            ),
        ),
        (
            "2.14.0.600",
            "tensorflow-rocm",
            (
                "-m pip uninstall -y tensorflow-rocm && /opt/env/bin/python3 -m pip install --upgrade "
                "'tensorflow[and-cuda]'  # of another version: no such build of 2.14.0.600 is known"
            ),
        ),
    ],
)
def test_tensorflow_keeps_its_version_and_loses_other_builds(
    version: str, distribution: str, expected: str
) -> None:
    found = command(framework("tensorflow", version, distribution), 13)

    assert found == f"/opt/env/bin/python3 {expected}"


@pytest.mark.parametrize("name", ["tensorflow", "jax"])
def test_for_cuda_11_pip_has_neither_tensorflow_nor_jax(name: FrameworkName) -> None:
    assert not command(framework(name, "2.19.0", name), 11)


def test_where_the_driver_is_not_known_nothing_is_proposed() -> None:
    assert not command(framework("torch", "2.9.1", "torch"), None)


@pytest.mark.parametrize("name", ["torch", "tensorflow", "jax"])
def test_nothing_is_installed_into_a_python_that_belongs_to_the_system(
    name: FrameworkName,
) -> None:
    place = Place("/usr", "/usr/bin/python3", is_managed=True)
    found = command(framework(name, "2.19.0", "tensorflow-cpu"), place=place)

    assert found.startswith("/usr/bin/python3 -m venv ~/gpu && ~/gpu/bin/python -m pip install ")
    assert "ipykernel" in found
    assert "uninstall" not in found
    assert found.count("/usr/bin/python3") == 1


def test_a_program_is_quoted_for_the_shell() -> None:
    place = Place("/home/me/my env", "/home/me/my env/bin/python3")
    words = shlex.split(command(framework("jax", "0.6.0", "jaxlib"), place=place))

    assert words[0] == "/home/me/my env/bin/python3"
