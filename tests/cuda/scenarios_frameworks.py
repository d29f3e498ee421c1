"""Frameworks in an environment of a host whose CUDA works."""

from jupyter_sm.cuda.model import Build, Device, Framework, FrameworkName, Status
from jupyter_sm.cuda.tables import runs_on
from jupyter_sm.cuda.verdict.fits import Installed

from .described import (
    A10G,
    CONDA,
    DRIVER,
    KERNELS,
    TRAIN,
    V100,
    Scenario,
    failing,
    gpu,
    gpu_host,
    probe,
    torch,
)

SITE = "lib/python3.11/site-packages"


def _kernels(
    status: Status,
    *frameworks: Framework,
    codes: tuple[str, ...] = (),
    device: Device = A10G,
    driver: str = DRIVER,
    by_conda: frozenset[FrameworkName] = frozenset(),
) -> Scenario:
    """A host that is well, and an environment beside base that has these frameworks."""
    return Scenario(
        status=status,
        codes=codes,
        host=gpu_host(driver=driver),
        probe=probe(device, driver=driver, cuda=runs_on(driver) or ""),
        environments=(
            Installed(CONDA, "base", ()),
            Installed(TRAIN, "train", frameworks, by_conda),
        ),
        kernels=KERNELS,
    )


def _tensorflow(build: Build, cuda: str | None) -> Framework:
    return Framework(
        name="tensorflow",
        version="2.19.0",
        build=build,
        cuda=cuda,
        source=f"{TRAIN}/{SITE}/tensorflow/python/platform/build_info.py",
    )


def _jax(build: Build, cuda: str | None, problem: str = "") -> Framework:
    return Framework(
        name="jax",
        version="0.6.0",
        build=build,
        cuda=cuda,
        source=f"{TRAIN}/{SITE}/jaxlib-0.6.0.dist-info/METADATA",
        problem=problem,
    )


FRAMEWORKS = {
    "frameworks-fit": _kernels(
        "visible", torch(prefix=TRAIN), _tensorflow("cuda", "12.5"), _jax("cuda", "12")
    ),
    "frameworks-cpu": _kernels(
        "visible", torch(None, prefix=TRAIN), _tensorflow("cpu", None), _jax("cpu", None)
    ),
    "framework-cpu-conda": _kernels(
        "visible", torch(None, prefix=TRAIN), by_conda=frozenset({"torch"})
    ),
    "framework-not-whole": _kernels(
        "degraded",
        _jax("cuda", "12", problem="jax-cuda12-pjrt is not installed, so JAX does not use the GPU"),
        codes=("framework-not-whole",),
    ),
    "framework-rocm": _kernels(
        "visible", torch(None, prefix=TRAIN, version="2.6.0+rocm6.2.4", build="rocm")
    ),
    "framework-unknown": _kernels(
        "visible",
        torch(None, prefix=TRAIN, build="unknown", problem="torch/version.py: permission denied"),
    ),
    "framework-too-new": _kernels(
        "degraded", torch("13.0", version="2.9.1", prefix=TRAIN), codes=("framework-too-new",)
    ),
    "framework-too-new-driver-470": _kernels(
        "degraded",
        _jax("cuda", "12"),
        codes=("framework-too-new",),
        driver="470.256.02",
    ),
    "v100-and-cuda-13": _kernels(
        "degraded",
        torch("13.0", version="2.9.1", prefix=TRAIN),
        codes=("capability-not-in-build",),
        device=gpu(**V100),
        driver="580.95.05",
    ),
    "b200-and-cuda-12-4": _kernels(
        "degraded",
        torch(prefix=TRAIN),
        codes=("capability-not-in-build",),
        device=gpu(name="NVIDIA B200", capability="10.0"),
        driver="580.95.05",
    ),
    "frameworks-of-a-hidden-gpu": Scenario(
        status="hidden",
        codes=("cuda-visible-devices",),
        host=gpu_host(cuda_visible_devices=""),
        probe=failing(100, A10G),
        environments=(Installed(TRAIN, "train", (torch(prefix=TRAIN),)),),
        kernels=KERNELS,
    ),
}
