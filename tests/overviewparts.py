"""The pieces that answers to `GET /api/sm` are made of; `overviews.py` has the answers.

Nobody's account: 123456789012 and the ids in it are the documentation's.
"""

from datetime import datetime, timezone
from typing import Any

Document = dict[str, Any]

ACCOUNT = "123456789012"
ARN = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:app/d-abc123def456/ana-lopez/JupyterLab/default"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-role/DataScience"
CONFIG = "/etc/jupyter_sm/app-image-config.json"
GIB = 1 << 30
CHECKED = "2026-11-20T09:30:00Z"
NOON = datetime(2026, 11, 20, 9, 29, tzinfo=timezone.utc)


def said(value: str | None, source: str = "absent") -> Document:
    return {"value": value, "source": source if value is not None else "absent"}


def identity() -> Document:
    from_arn = {
        "app_type": "JupyterLab",
        "domain_id": "d-abc123def456",
        "owner": "ana-lopez",
        "app_name": "default",
        "region": "eu-west-1",
        "account_id": ACCOUNT,
        "partition": "aws",
        "resource_arn": ARN,
    }
    absent = ("space_name", "ip_address_type")
    return {
        "kind": "studio-app",
        **{name: said(value, "ResourceArn") for name, value in from_arn.items()},
        **{name: said(None) for name in absent},
        "user_profile_name": said("ana-lopez", "UserProfileName"),
        "execution_role_arn": said(ROLE, "ExecutionRoleArn"),
        "app_image_version": said("7", "AppImageVersion"),
        "resource_name": said("default", "ResourceName"),
        "additional": {},
    }


def environment(name: str) -> Document:
    prefix = f"/opt/conda/envs/{name}"
    return {"name": name, "prefix": prefix, "root": "/opt/conda", "is_base": False}


def kernel(name: str, display_name: str, env: str | None = None, **more: Any) -> Document:
    """A kernel that is shown; ``env`` names the conda environment that it runs in."""
    prefix = f"/opt/conda/envs/{env}" if env else "/opt/conda"
    return {
        "name": name,
        "display_name": display_name,
        "language": "python",
        "source": "conda" if env else "jupyter",
        "visibility": "shown",
        "reason": "",
        "remedy": "",
        "broken": None,
        "environment": environment(env) if env else None,
        "prefix": prefix,
        "interpreter": f"{prefix}/bin/python",
        "resource_dir": f"{prefix}/share/jupyter/kernels/python3",
        "aliases": [],
        **more,
    }


def problem(
    name: str, severity: str, source: str, seen: str, *, wanted: str = "", remedy: str = ""
) -> Document:
    return {
        "id": name,
        "severity": severity,
        "source": source,
        "seen": seen,
        "wanted": wanted,
        "remedy": remedy,
    }


def device(index: int, **more: Any) -> Document:
    return {
        "uuid": f"GPU-{index:08x}-90ab-cdef-1234-567890abcdef",
        "index": index,
        "name": "NVIDIA A10G",
        "memory_total": 24 * GIB,
        "memory_used": 3 * GIB,
        "utilization_gpu": 41,
        "compute_capability": "8.6",
        "mig": False,
        "parent_uuid": None,
        "ecc_uncorrected": 0,
        "cuda_visible": True,
        **more,
    }


def cuda(status: str, *reasons: Document, devices: int = 0, **more: Any) -> Document:
    """A verdict; ``reasons`` as `because` makes them."""
    return {
        "status": status,
        "reasons": list(reasons),
        "devices": [device(index) for index in range(devices)],
        "driver_version": "550.54.15" if devices else None,
        "cuda_driver_version": "12.4" if devices else None,
        "toolkits": [],
        "host": {"container": True, "device_nodes": [f"/dev/nvidia{i}" for i in range(devices)]},
        "probe": None,
        "environments": [],
        "probe_seconds": 0.21 if devices else None,
        "checked_at": CHECKED,
        **more,
    }


def because(code: str, text: str, evidence: str, remedy: str = "") -> Document:
    return {"code": code, "text": text, "evidence": evidence, "remedy": remedy}


def fits(name: str, verdict: bool | None, *reasons: Document) -> Document:
    """Whether the PyTorch of an environment runs on this GPU."""
    prefix = f"/opt/conda/envs/{name}"
    torch = {
        "name": "torch",
        "version": "2.5.1",
        "build": "cuda",
        "cuda": "12.4",
        "compute_capabilities": None,
        "source": f"{prefix}/lib/python3.11/site-packages/torch/version.py",
        "problem": "",
    }
    return {
        "prefix": prefix,
        "name": name,
        "frameworks": [torch],
        "fits": verdict,
        "reasons": list(reasons),
    }


def event(minutes: int, level: str, message: str, **more: Any) -> Document:
    """A log event of so many minutes before the last look."""
    return {
        "timestamp": int(NOON.timestamp() * 1000) - minutes * 60_000,
        "level": level,
        "logger": "ServerApp",
        "message": message,
        "traceback": "",
        "request_id": None,
        "kernel_id": None,
        **more,
    }


def logs(*events: Document) -> Document:
    stream = "d-abc123def456/ana-lopez/JupyterLab/default"
    return {
        "group": "/aws/sagemaker/studio",
        "stream": stream,
        "file": f"/var/log/jupyter_sm/aws/sagemaker/studio/{stream}.log",
        "trouble": "",
        "lost": 0,
        "not_shipped": "",
        "shipping": None,
        "events": list(events),
    }


def report(*problems: Document) -> Document:
    """The health list; ``problems`` come worst first."""
    worst = problems[0]["severity"] if problems else None
    return {"worst": worst, "problems": list(problems), "checked_at": CHECKED}
