"""`jupyter sm cuda`: whether CUDA is visible here, why not, and which kernels can use it."""

import argparse
from collections.abc import Iterator, Mapping, Sequence

from ..cuda.examine import examine
from ..cuda.model import CudaReport, Device, EnvironmentCuda, Framework, Reason
from ..cuda.probe.prober import Prober
from ..cuda.verdict.fits import IN_PART
from ..cuda.verdict.report import verdict
from ..errors import SettingError
from ..kernels import Catalog
from ..reading import printable
from ..server.hostcuda import environments_of
from . import FINDINGS
from .hostconfig import Host
from .report import print_lines, print_model
from .table import Row, explanation, paragraph, table

_DEVICES = ("GPU", "NAME", "MEMORY", "LOAD", "CAPABILITY", "CUDA")
_KERNELS = ("KERNEL", "ENVIRONMENT", "FRAMEWORK", "BUILD", "USABLE")
_FACTS = ("HOST", "SEEN", "IN")

SECONDS_MOST = 3600.0
"""The longest deadline for a driver's answer."""

_NAMES = {"torch": "PyTorch", "tensorflow": "TensorFlow", "jax": "JAX"}

Kernels = Mapping[str, Sequence[str]]
"""Names of the kernels that run in an environment, by its prefix as the report has it."""


def run(options: argparse.Namespace, arguments: list[str]) -> int:
    """Look, ask the driver, and print the report.

    Raises:
        SettingError: the deadline is longer than `SECONDS_MOST`.
    """
    if options.timeout > SECONDS_MOST:
        raise SettingError(f"--timeout is at most {SECONDS_MOST:.0f} seconds")
    catalog = Host.read(arguments).catalog()
    prober = None if options.no_probe else Prober(timeout=options.timeout)
    report = examine(prober, environments_of(catalog))
    if options.json:
        print_model(report)
    else:
        print_lines(report_lines(report, kernel_names(catalog)))
    return 0 if report.status in {"visible", "no_gpu_host"} else FINDINGS


def kernel_names(catalog: Catalog) -> Kernels:
    """The kernels that were found, those that are shown first."""
    kernels: dict[str, list[str]] = {}
    for entry in sorted(catalog.entries, key=lambda entry: entry.visibility != "shown"):
        if entry.kernel is not None and entry.kernel.prefix is not None:
            kernels.setdefault(printable(entry.kernel.prefix), []).append(entry.name)
    return kernels


def report_lines(report: CudaReport, kernels: Kernels) -> Iterator[str]:
    """The report for people, at most 80 columns wide."""
    said = verdict(report)
    yield from paragraph(said)
    if report.status == "no_gpu_host" and not report.reasons:
        return
    for reason in report.reasons:
        yield ""
        yield from _reason_lines(reason, said)
    if report.devices:
        yield ""
        yield from table(_DEVICES, [_device_row(device) for device in _in_order(report.devices)])
    yield from _kernel_lines(report, kernels)
    yield ""
    yield from table(_FACTS, list(_fact_rows(report)))
    if report.host.problems:
        yield ""
    for problem in report.host.problems:
        yield from paragraph(f"not read: {problem}")


def _reason_lines(reason: Reason, said: str) -> Iterator[str]:
    """Its text only where the first line has not said it already."""
    known = said.endswith(reason.text)
    yield from paragraph(reason.code if known else f"{reason.code}: {reason.text}")
    if reason.evidence:
        yield from paragraph(f"seen: {reason.evidence}", first=4, rest=10)
    yield from explanation("", reason.remedy)


def _in_order(devices: Sequence[Device]) -> Iterator[Device]:
    """Slices behind the GPU that they are a part of."""
    uuids = {device.uuid for device in devices}
    for device in devices:
        if device.parent_uuid in uuids:
            continue
        yield device
        yield from (d for d in devices if d.parent_uuid == device.uuid)


def _device_row(device: Device) -> Row:
    index = "-" if device.index is None else str(device.index)
    load = "-" if device.utilization_gpu is None else f"{device.utilization_gpu} %"
    visible = {True: "yes", False: "no", None: "-"}[device.cuda_visible]
    if device.mig and device.parent_uuid is None:
        visible = "in slices"
    name = device.name or "-"
    if device.parent_uuid is not None:
        index = "slice"
    cells = (index, name, _memory(device), load, device.compute_capability or "-", visible)
    return Row(cells, ((device.uuid, ""),))


def _memory(device: Device) -> str:
    if device.memory_total is None:
        return "-"
    total = device.memory_total / (1 << 30)
    if device.memory_used is None:
        return f"{total:.1f} GiB"
    return f"{device.memory_used / (1 << 30):.1f} of {total:.1f} GiB"


def _kernel_lines(report: CudaReport, kernels: Kernels) -> Iterator[str]:
    told = {reason.remedy for reason in report.reasons}
    rows = [
        row
        for environment in report.environments
        for row in _environment_rows(environment, report, kernels, told)
    ]
    if rows:
        yield ""
        yield from table(_KERNELS, rows)
    without = sum(not environment.frameworks for environment in report.environments)
    if without:
        yield ""
        more = "more " if rows else ""
        noun = "environment has" if without == 1 else "environments have"
        yield from paragraph(f"{without} {more}{noun} neither PyTorch nor TensorFlow nor JAX")


def _environment_rows(
    environment: EnvironmentCuda, report: CudaReport, kernels: Kernels, told: set[str]
) -> Iterator[Row]:
    names = ", ".join(kernels.get(environment.prefix, ())) or "-"
    for number, framework in enumerate(environment.frameworks):
        cells = (
            "" if number else names,
            "" if number else environment.prefix,
            f"{_NAMES[framework.name]} {framework.version}",
            _build(framework),
            _usable(framework, report),
        )
        notes = tuple((r.text, "" if r.remedy in told else r.remedy) for r in framework.reasons)
        yield Row(cells, notes)


def _build(framework: Framework) -> str:
    if framework.build == "cuda":
        return f"CUDA {framework.cuda}" if framework.cuda else "CUDA"
    return {"cpu": "CPU", "rocm": "ROCm", "unknown": "not known"}[framework.build]


def _usable(framework: Framework, report: CudaReport) -> str:
    if framework.build in {"cpu", "rocm"} or report.status == "no_gpu_host":
        return "no"
    if framework.fits is None:
        return "not known"
    if not framework.fits:
        return "no"
    if any(reason.code == IN_PART for reason in framework.reasons):
        return "in part"
    return "yes" if report.status in {"visible", "degraded"} else "once CUDA is"


def _fact_rows(report: CudaReport) -> Iterator[Row]:
    host = report.host
    if host.pci:
        yield Row(("GPUs", str(len(host.pci)), "/sys/bus/pci/devices"))
    if host.kernel_driver:
        yield Row(("kernel's driver", host.kernel_driver, "/proc/driver/nvidia/version"))
    nodes = [*host.device_nodes]
    nodes += ["/dev/nvidiactl"] * host.control_node + ["/dev/nvidia-uvm"] * host.uvm_node
    yield Row(("devices", ", ".join(nodes) or "none", "/dev"))
    if report.driver_version and report.driver_version != host.kernel_driver:
        yield Row(("driver", report.driver_version, "NVML"))
    if report.cuda_driver_version:
        probe = report.probe
        source = "libcuda" if probe and probe.cuda_driver_version else "NVML"
        yield Row(("driver runs", f"CUDA {report.cuda_driver_version}", source))
    for library in host.libraries:
        if library.name in {"libcuda.so.1", "libnvidia-ml.so.1"}:
            yield Row((library.name, library.kind, library.path))
    for toolkit in report.toolkits:
        yield Row(("toolkit", f"CUDA {toolkit.version}", toolkit.source))
    variables = {
        "NVIDIA_VISIBLE_DEVICES": host.nvidia_visible_devices,
        "NVIDIA_DRIVER_CAPABILITIES": host.driver_capabilities,
        "CUDA_VISIBLE_DEVICES": host.cuda_visible_devices,
        "LD_LIBRARY_PATH": host.ld_library_path,
    }
    for name, value in variables.items():
        if value is not None:
            yield Row((name, value or "empty", "the environment"))
