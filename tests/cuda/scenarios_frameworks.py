"""Frameworks in an environment of a host whose CUDA works."""

from jupyter_sm.cuda.model import Build, Device, Framework, FrameworkName, Status, Toolkit
from jupyter_sm.cuda.tables import runs_on
from jupyter_sm.cuda.verdict.fits import Installed

from .described import (
    A10G,
    CONDA,
    DRIVER,
    KERNELS,
    NO_NVML,
    TRAIN,
    V100,
    Scenario,
    failing,
    gpu,
    gpu_host,
    probe,
    toolkit,
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


def _tensorflow(build: Build, cuda: str | None, problem: str = "", doubt: str = "") -> Framework:
    return Framework(
        name="tensorflow",
        version="2.19.0",
        build=build,
        cuda=cuda,
        source=f"{TRAIN}/{SITE}/tensorflow/python/platform/build_info.py",
        problem=problem,
        doubt=doubt,
        distributions=("tensorflow-cpu" if build == "cpu" else "tensorflow",),
    )


def _jax(build: Build, cuda: str | None, problem: str = "") -> Framework:
    return Framework(
        name="jax",
        version="0.6.0",
        build=build,
        cuda=cuda,
        source=f"{TRAIN}/{SITE}/jaxlib-0.6.0.dist-info/METADATA",
        problem=problem,
        distributions=("jaxlib", "jax-cuda12-plugin") if build == "cuda" else ("jaxlib",),
    )


def _toolkits(*toolkits: Toolkit, code: str, driver: str, device: Device = A10G) -> Scenario:
    return Scenario(
        status="degraded",
        codes=(code,),
        host=gpu_host(driver=driver),
        probe=probe(device, driver=driver, cuda=runs_on(driver) or ""),
        toolkits=toolkits,
    )


_OF_CONDA = Toolkit(
    version="13.0",
    source=f"conda cuda-cudart in {TRAIN}",
    path=f"{TRAIN}/conda-meta/cuda-cudart-13.0.96-h376f20c_0.json",
    prefix=TRAIN,
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
    "frameworks-differ": _kernels(
        "degraded",
        torch(
            "13.0",
            version="2.9.1",
            prefix=TRAIN,
            distributions=("torch", "torchvision", "torchaudio"),
        ),
        _jax("cuda", "12"),
        codes=("framework-too-new",),
    ),
    "framework-without-cudnn": _kernels(
        "degraded",
        _tensorflow("cuda", "12.5", "cuDNN is not installed, so it does not use the GPU"),
        codes=("framework-not-whole",),
    ),
    "framework-perhaps-without-cudnn": _kernels(
        "visible",
        _tensorflow("cuda", "12.5", doubt="whether it finds cuDNN is not known"),
    ),
    "framework-of-the-systems-python": Scenario(
        status="visible",
        host=gpu_host(),
        probe=probe(A10G),
        environments=(
            Installed(
                prefix="/usr",
                name="python3",
                frameworks=(torch(None, prefix="/usr"),),
                python="/usr/bin/python3",
                is_managed=True,
            ),
        ),
        kernels={"/usr": ("python3",)},
    ),
    "v100-and-torch-2-11": _kernels(
        "degraded",
        torch("12.8", version="2.11.0", prefix=TRAIN),
        codes=("capability-not-in-build",),
        device=gpu(**V100),
        driver="580.95.05",
    ),
    "v100-and-toolkit-13": _toolkits(
        toolkit("13.0.1"), code="toolkit-dropped-gpu", driver="580.95.05", device=gpu(**V100)
    ),
    "toolkit-of-an-environment": _toolkits(_OF_CONDA, code="toolkit-too-new", driver=DRIVER),
    "driver-known-by-libcuda-alone": Scenario(
        status="degraded",
        codes=("framework-too-new", "no-nvml"),
        host=gpu_host(kernel_driver=None, driver_capabilities="compute", nvml_path=None),
        probe=probe(A10G, **NO_NVML),
        environments=(Installed(TRAIN, "train", (torch("13.0", version="2.9.1", prefix=TRAIN),)),),
        kernels=KERNELS,
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
