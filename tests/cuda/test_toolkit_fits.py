"""Whether what a toolkit of the image makes runs on the driver and the GPUs."""

import pytest

from jupyter_sm.cuda.model import Toolkit
from jupyter_sm.cuda.verdict.fits import Machine
from jupyter_sm.cuda.verdict.toolkits import toolkit_reason

from .described import V100, gpu, toolkit

A10G = gpu()
PIP = Toolkit(
    version="13.0",
    source="pip nvidia-cuda-runtime in /opt/env",
    path="/opt/env/lib/python3.11/site-packages/nvidia_cuda_runtime-13.0.96.dist-info",
    prefix="/opt/env",
)


@pytest.mark.parametrize(
    ("version", "capability", "remedy"),
    [
        ("13.0.1", "7.0", "base the image on CUDA 12.x"),
        ("13.2", "6.1", "base the image on CUDA 12.x"),
        ("13.0", "3.7", "base the image on CUDA 11.x"),
        ("12.4", "3.5", "base the image on CUDA 11.x"),
        ("13.0", "7.5", None),
        ("12.9", "7.0", None),
        ("13.0", None, None),
    ],
)
def test_a_toolkit_has_no_code_for_gpus_that_its_cuda_has_dropped(
    version: str, capability: str | None, remedy: str | None
) -> None:
    device = gpu(compute_capability=capability)
    reason = toolkit_reason(toolkit(version), Machine(driver="595.45.04", devices=(device,)))

    assert (reason and reason.remedy) == remedy
    assert reason is None or reason.code == "toolkit-dropped-gpu"


def test_a_toolkit_that_serves_one_of_two_gpus_is_good() -> None:
    machine = Machine(driver="580.95.05", devices=(gpu(**V100), gpu(1)))

    assert toolkit_reason(toolkit("13.0"), machine) is None


def test_a_toolkit_of_pip_is_the_environments_and_not_the_images() -> None:
    reason = toolkit_reason(PIP, Machine(driver="550.54.15", devices=(A10G,)))

    assert reason is not None
    assert reason.text.endswith("the environment /opt/env has 13.0")
    assert reason.remedy == (
        "in the environment /opt/env, install packages that are built for CUDA 12.x"
    )


def test_where_only_libcuda_is_known_its_cuda_counts() -> None:
    machine = Machine(driver=None, libcuda="12.4", devices=(A10G,))

    reason = toolkit_reason(toolkit("13.0"), machine)

    assert reason is not None
    assert reason.text == "the driver runs CUDA 12.4 and older, this image ships 13.0"
    assert reason.remedy.startswith("base the image on CUDA 12.x, or ")
