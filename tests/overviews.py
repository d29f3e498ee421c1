"""Answers to `GET /api/sm` as an image on SageMaker gives them, for states that no test can have.

`browser/test_overviews.py` holds each one against the types of `jupyter_sm/server/api.py`.
"""

from typing import Any

from overviewparts import (
    CONFIG,
    Document,
    because,
    cuda,
    event,
    fits,
    identity,
    kernel,
    logs,
    problem,
    report,
    said,
)


def healthy(**more: Any) -> Document:
    """JupyterLab in a space of its own image, with one GPU; nothing is wrong."""
    return {
        "api": 1,
        "version": "0.1.0",
        "host": "jupyter-server",
        "active": True,
        "health": {"status": "ready"},
        "report": report(),
        "metadata": {
            "file": "/opt/ml/metadata/resource-metadata.json",
            "present": True,
            "identity": identity(),
            "findings": [],
        },
        "image": {
            "user": "sagemaker-user",
            "group": "users",
            "uid": 1000,
            "gid": 100,
            "python": "/opt/conda/bin/python",
            "home": "/home/sagemaker-user",
            "app_image_config": {
                "file": CONFIG,
                "name": "team-image",
                "mount_path": "/home/sagemaker-user",
                "uid": 1000,
                "gid": 100,
            },
        },
        "kernels": {
            "default": "conda-env-train-py",
            "configured_by": CONFIG,
            "kernels": [
                kernel("conda-env-train-py", "Training", "train"),
                kernel("python3", "Python 3 (ipykernel)"),
            ],
            "not_started": [],
            "findings": [],
        },
        "cuda": cuda("visible", devices=1, environments=[fits("train", True)]),
        "logs": logs(
            event(9, "INFO", "Jupyter Server 2.17.0 is running at: http://localhost:8888/"),
            event(9, "INFO", "CUDA is visible: 1 GPU (NVIDIA A10G), driver 550.54.15"),
            event(2, "INFO", "Kernel started: 3f2a1c58-8d0e-4b5f-9d0a-2f6c1f8e7a11"),
        ),
        **more,
    }


def unhealthy(**more: Any) -> Document:
    """The same image with a kernel that it does not have, a user that cannot write, and no CUDA."""
    no_cuda = because(
        "baked-driver",
        "CUDA does not work: the image carries a libcuda of its own, which stands before the host's",
        "/usr/lib/x86_64-linux-gnu/libcuda.so.535.104.05 is no mount point",
        "build the image without any part of NVIDIA's driver: the host mounts its own",
    )
    as_root = {"user": "root", "group": "root", "uid": 0, "gid": 0, "home": "/root"}
    return healthy(
        image={**healthy()["image"], **as_root},
        report=report(
            problem(
                "cuda-baked-driver",
                "error",
                "/usr/lib/x86_64-linux-gnu/libcuda.so.535.104.05",
                no_cuda["text"],
                remedy=no_cuda["remedy"],
            ),
            problem(
                "configured-kernel-missing",
                "error",
                f"{CONFIG}: KernelGatewayImageConfig.KernelSpecs[0].Name",
                "`training` is not a kernel of this image",
                wanted="the name of a kernel that is in this image",
                remedy="Did you mean `conda-env-train-py`?",
            ),
            problem(
                "process-ids-differ",
                "warning",
                "this process",
                "it runs as 0:0 (root:root)",
                wanted="1000:100, as the AppImageConfig says",
                remedy="end the Dockerfile with USER 1000:100",
            ),
        ),
        kernels={
            "default": "python3",
            "configured_by": CONFIG,
            "kernels": [
                kernel("python3", "Python 3 (ipykernel)"),
                kernel(
                    "training",
                    "Training",
                    visibility="missing",
                    reason="`training` is not a kernel of this image",
                    remedy="Did you mean `conda-env-train-py`?",
                    source=None,
                    prefix=None,
                    interpreter=None,
                    resource_dir=None,
                ),
                kernel(
                    "conda-env-train-py",
                    "Python [conda env:train]",
                    "train",
                    visibility="hidden",
                    reason="the AppImageConfig does not list it",
                    remedy=f"add it to {CONFIG}",
                ),
            ],
            "not_started": [],
            "findings": [],
        },
        cuda=cuda("not_visible", no_cuda, environments=[fits("train", None)]),
        **more,
    )


def many_gpus(count: int = 8) -> Document:
    return healthy(cuda=cuda("visible", devices=count, environments=[fits("train", True)]))


def without_gpu() -> Document:
    return healthy(cuda=cuda("no_gpu_host"))


def newer() -> Document:
    """Of a server that says things this panel has never heard of."""
    return healthy(api=1000, kernels="not as it was", surprise={"new": True})


def kernel_missing() -> Document:
    """As `unhealthy`, with nothing wrong but the kernel."""
    ill = unhealthy()
    return healthy(kernels=ill["kernels"], report=report(ill["report"]["problems"][1]))


def broken_gpu() -> Document:
    """As `unhealthy`, with nothing wrong but the GPU."""
    ill = unhealthy()
    return healthy(cuda=ill["cuda"], report=report(ill["report"]["problems"][0]))


def elsewhere() -> Document:
    """JupyterLab on somebody's own machine."""
    absent = dict.fromkeys(identity(), said(None))
    local = {
        "app_type": said("KernelGateway", "fallback"),
        "domain_id": said("local", "fallback"),
        "owner": said("ana", "fallback"),
        "app_name": said("default", "fallback"),
    }
    document = healthy(active=False)
    document["metadata"] |= {
        "present": False,
        "identity": {**absent, "kind": "local", "additional": {}, **local},
    }
    document["image"] |= {
        "user": "ana",
        "home": "/home/ana",
        "app_image_config": dict.fromkeys(document["image"]["app_image_config"]),
    }
    document["kernels"] |= {"configured_by": None, "kernels": [kernel("python3", "Python 3")]}
    document["logs"] |= {"group": None, "stream": None, "file": None, "events": []}
    return {**document, "cuda": cuda("no_gpu_host")}


def long_words() -> Document:
    """Names and texts as long as they are allowed to be, without a place to break them."""
    long = "a" * 120
    document = unhealthy()
    document["image"] |= {
        "user": long,
        "home": f"/home/{long}",
        "python": f"/opt/{long}/bin/python",
    }
    document["kernels"]["kernels"][0] |= {"name": long, "display_name": long}
    document["report"]["problems"][0] |= {
        "seen": long,
        "source": f"/{long}",
        "remedy": f"rm {long}",
    }
    document["logs"]["events"].append(event(1, "ERROR", long, traceback=f"Traceback\n  {long}"))
    return document
