"""Which CUDA builds run on a driver and its GPUs, and what to install instead."""

import shlex

import msgspec
import pytest

from jupyter_sm.cuda.model import EnvironmentCuda, Framework
from jupyter_sm.cuda.verdict.fits import Installed, Machine, judge_environment

from .described import H100, V100, gpu, torch

A10G = gpu()


def judged(framework: Framework, machine: Machine, prefix: str = "/opt/conda") -> EnvironmentCuda:
    return judge_environment(Installed(prefix, "base", (framework,)), machine)


@pytest.mark.parametrize(
    ("driver", "cuda", "fits"),
    [
        ("450.80.02", "11.8", True),
        ("450.36.06", "11.0", True),
        ("450.36.06", "11.1", False),
        ("470.256.02", "12.1", False),
        ("525.60.13", "12.9", True),
        ("525.60.12", "12", False),
        ("550.54.15", "11.8", True),
        ("580.65.06", "13", True),
        ("580.65.05", "13.0", False),
        ("580.65.06", "12.4", True),
        ("595.45.04", "99.0", None),
        (None, "12.4", None),
    ],
)
def test_a_build_runs_from_the_minimum_driver_of_its_major_version_on(
    driver: str | None, cuda: str, fits: bool | None
) -> None:
    assert judged(torch(cuda), Machine(driver=driver, devices=(A10G,))).fits is fits


def test_a_compatibility_library_that_works_counts_instead_of_the_driver() -> None:
    machine = Machine(driver="470.256.02", libcuda="12.4", devices=(A10G,))

    assert judged(torch("12.6"), machine).fits is True
    assert judged(torch("13.0"), machine).fits is False


@pytest.mark.parametrize(
    ("capability", "cuda", "fits"),
    [
        ("7.0", "13.0", False),
        ("7.5", "13.0", True),
        ("7.0", "12.8", True),
        ("3.7", "12.0", False),
        ("8.9", "11.7", True),
        ("9.0", "11.7", False),
        ("9.0", "11.8", True),
        ("10.0", "12.4", False),
        ("10.0", "12", True),
        (None, "13.0", True),
    ],
)
def test_a_build_has_code_for_the_gpus_between_its_first_and_its_last(
    capability: str | None, cuda: str, fits: bool
) -> None:
    device = gpu(compute_capability=capability)

    assert judged(torch(cuda), Machine(driver="580.95.05", devices=(device,))).fits is fits


@pytest.mark.parametrize(
    ("built", "fits"),
    [(("7.0", "8.0"), True), (("7.0", "9.0"), False), (("7.0+PTX",), True), (("9.0+PTX",), False)],
)
def test_what_a_build_says_itself_of_its_gpus_counts(built: tuple[str, ...], fits: bool) -> None:
    framework = torch(compute_capabilities=built)

    assert judged(framework, Machine(driver="550.54.15", devices=(A10G,))).fits is fits


def test_a_build_that_runs_on_one_of_two_gpus_fits_and_says_on_which_it_does_not() -> None:
    machine = Machine(driver="580.95.05", devices=(A10G, gpu(1, **V100)))

    environment = judged(torch("13.0", version="2.9.1"), machine)

    assert environment.fits is True
    (reason,) = environment.reasons
    assert "Tesla V100-SXM2-16GB (GPU 1)" in reason.text
    assert "cu126" in reason.remedy


def test_a_cpu_build_and_a_cuda_build_together_fit_as_the_cuda_build_does() -> None:
    installed = Installed("/opt/conda", "base", (torch(None), torch("12.4")))

    environment = judge_environment(installed, Machine(driver="550.54.15", devices=(A10G,)))

    assert environment.fits is True
    assert [reason.code for reason in environment.reasons] == ["cpu-build"]


def test_without_a_gpu_nothing_is_said_of_builds() -> None:
    environment = judged(torch(None), Machine(driver=None, has_gpu=False))

    assert (environment.fits, environment.reasons) == (None, ())


@pytest.mark.parametrize(
    ("driver", "device", "backend"),
    [
        ("470.256.02", A10G, "cu118"),
        ("550.54.15", gpu(**H100), "cu126"),
        ("570.86.15", gpu(name="NVIDIA B200", capability="10.0"), "cu128"),
        ("580.65.06", A10G, "cu130"),
        ("580.65.06", gpu(**V100), "cu126"),
    ],
)
def test_the_build_of_pytorch_that_is_proposed_runs_on_driver_and_gpu(
    driver: str, device: object, backend: str
) -> None:
    machine = Machine(driver=driver, devices=(device,))  # type: ignore[arg-type]  # parametrized
    (reason,) = judged(torch(None, version="2.9.1"), machine).reasons

    assert f"--torch-backend={backend} " in reason.remedy


@pytest.mark.parametrize(("cuda", "fits"), [("13.0", False), ("12.6", True), ("11.8", True)])
def test_where_the_drivers_version_is_not_known_libcudas_counts(cuda: str, *, fits: bool) -> None:
    environment = judged(torch(cuda), Machine(driver=None, libcuda="12.4", devices=(A10G,)))

    assert environment.fits is fits
    assert [reason.code for reason in environment.reasons] == [] if fits else ["framework-too-new"]
    assert all("runs CUDA 12.4" in reason.evidence for reason in environment.reasons)


@pytest.mark.parametrize(
    ("version", "cuda", "capability", "fits"),
    [
        ("2.6.0", "12.6", "7.0", True),
        ("2.7.1", "12.6", "7.0", True),
        ("2.7.1", "12.8", "7.0", False),
        ("2.7.1", "12.8", "7.5", True),
        ("2.8.0", "12.8", "7.0", True),
        ("2.8.0", "12.8", "6.1", False),
        ("2.8.0", "12.9", "5.2", False),
        ("2.8.0", "12.6", "5.2", True),
        ("2.10.0", "12.8", "7.0", True),
        ("2.11.0", "12.8", "7.0", False),
        ("2.14.1", "12.6", "6.0", True),
    ],
)
def test_pytorchs_builds_have_no_code_for_some_gpus_that_their_cuda_knows(
    version: str, cuda: str, capability: str, *, fits: bool
) -> None:
    machine = Machine(driver="580.95.05", devices=(gpu(capability=capability),))

    assert judged(torch(cuda, version=version), machine).fits is fits
    # Who has built this one, and for what, is not known.
    other = Framework(name="torch", version=version, build="cuda", cuda=cuda, source="version.py")
    assert judged(other, machine).fits is True


def test_each_framework_of_an_environment_has_a_verdict_of_its_own() -> None:
    jax = Framework(name="jax", version="0.6.0", build="cuda", cuda="12", source="METADATA")
    installed = Installed("/opt/conda", "base", (torch("13.0", version="2.9.1"), jax))

    environment = judge_environment(installed, Machine(driver="550.54.15", devices=(A10G,)))

    assert [framework.fits for framework in environment.frameworks] == [False, True]
    ours, theirs = (framework.reasons for framework in environment.frameworks)
    assert [reason.code for reason in ours] == ["framework-too-new"]
    assert theirs == ()
    assert (environment.fits, environment.reasons) == (False, ours)


def test_a_build_whose_libraries_are_in_doubt_is_not_said_to_fit() -> None:
    framework = torch("12.4", doubt="whether it finds cuDNN is not known")

    environment = judged(framework, Machine(driver="550.54.15", devices=(A10G,)))

    assert environment.fits is None
    assert [reason.code for reason in environment.reasons] == ["libraries-unknown"]


def test_names_that_are_no_text_do_not_keep_a_report_from_being_sent() -> None:
    installed = Installed("/opt/\udcff", "\udcfe", (torch(None),), python="/opt/\udcff/bin/python3")

    environment = judge_environment(installed, Machine(driver="550.54.15", devices=(A10G,)))

    assert b"\\\\udcff" in msgspec.json.encode(environment)
    assert environment.name == r"\udcfe"


def test_a_prefix_is_quoted_for_the_shell() -> None:
    (reason,) = judged(
        torch(None), Machine(driver="550.54.15", devices=(A10G,)), "/home/me/my env;rm"
    ).reasons

    assert "/home/me/my env;rm/bin/python" in shlex.split(reason.remedy)
