"""The health report: one shape, the worst first, each fact once."""

import msgspec
import pytest

from jupyter_sm.cuda import CudaReport
from jupyter_sm.cuda.model import EnvironmentCuda, HostEvidence, Reason, Status
from jupyter_sm.errors import Finding, Severity
from jupyter_sm.image import KernelSpec
from jupyter_sm.kernels import Catalog, Choice, Kernel, Snapshot, Trouble, choose
from jupyter_sm.logs.shipping import Counters, ShipReport
from jupyter_sm.server.api import Logs, NotStarted
from jupyter_sm.server.cudaproblems import cuda_problems
from jupyter_sm.server.healthreport import Parts, problems, report_of
from jupyter_sm.server.logproblems import BEHIND_MS, log_problems
from jupyter_sm.server.problemtable import PROBLEMS

NOW = 1_800_000_000_000


def finding(severity: Severity, kind: str = "some-kind", seen: str = "it") -> Finding:
    return Finding(id=kind, severity=severity, source="there", seen=seen)


def told(parts: Parts) -> list[str]:
    return [problem.id for problem in problems(parts, now_ms=NOW)]


def test_the_worst_comes_first_and_else_the_order_stays() -> None:
    severities: tuple[Severity, ...] = ("info", "error", "warning", "error")
    given = [finding(severity, f"k-{index}") for index, severity in enumerate(severities)]

    report = report_of(given)

    assert [problem.id for problem in report.problems] == ["k-1", "k-3", "k-2", "k-0"]
    assert report.worst == "error"
    assert report_of([]).worst is None


def test_the_same_finding_from_two_sources_is_told_once() -> None:
    assert len(report_of([finding("info"), finding("info")]).problems) == 1


def catalog_of(*names: str, broken: Trouble | None = None) -> Catalog:
    spec = {"argv": ["R"], "metadata": {}}
    kernel = Kernel("ir", "R", "R", "jupyter", "/x", spec, broken=broken)
    configured = tuple(KernelSpec(name=name) for name in names)
    return choose(Snapshot(kernels=(kernel,)), Choice(configured=configured, source="config.json"))


def stranded(name: str, number: int = 1) -> NotStarted:
    return NotStarted(id=f"k{number}", name=name, reason="it ended", remedy="mend it", file="/f")


def test_a_missing_or_broken_kernel_that_runs_is_told_once() -> None:
    broken = catalog_of("ir", broken=Trouble("no interpreter", "install it"))
    missing = catalog_of("absent")

    assert told(Parts(catalog=broken, stranded=(stranded("ir"),))) == ["shown-kernel-broken"]
    assert told(Parts(catalog=missing, stranded=(stranded("absent"),))) == [
        "configured-kernel-missing"
    ]


def test_a_kernel_that_ended_for_another_reason_is_told_once_with_its_number() -> None:
    parts = Parts(catalog=catalog_of("ir"), stranded=(stranded("ir", 1), stranded("ir", 2)))

    (problem,) = problems(parts, now_ms=NOW)

    assert (problem.id, problem.severity) == ("kernel-not-started", "error")
    assert problem.seen == "2 kernels ir did not start: it ended"
    assert (problem.source, problem.remedy) == ("/f", "mend it")
    assert told(Parts(stranded=(stranded("other"),))) == ["kernel-not-started"]
    assert told(Parts(catalog=catalog_of("ir"), stranded=(stranded("other"),))) == [
        "kernel-not-started"
    ]


def reason(code: str, text: str = "so it is") -> Reason:
    return Reason(code=code, text=text, evidence="/dev/x", remedy="mend it")


def cuda(
    status: Status, *reasons: Reason, environments: tuple[EnvironmentCuda, ...] = ()
) -> CudaReport:
    return CudaReport(
        status=status,
        reasons=reasons,
        environments=environments,
        host=HostEvidence(),
        checked_at="2026-01-01T00:00:00+00:00",
    )


def seen(report: CudaReport | None) -> list[tuple[str, str]]:
    found = list(cuda_problems(report))
    assert all(problem.severity in PROBLEMS[problem.id].severities for problem in found)
    return [(problem.id, problem.severity) for problem in found]


def test_no_gpu_a_gpu_that_works_and_one_not_asked_yet_are_no_problem() -> None:
    assert seen(cuda("no_gpu_host")) == seen(cuda("visible")) == seen(None) == []


@pytest.mark.parametrize("status", ["not_visible", "probe_failed"])
def test_cuda_that_does_not_work_is_one_error_and_what_else_is_seen(status: Status) -> None:
    report = cuda(status, reason("driver-mismatch"), reason("toolkit-too-new"))

    assert seen(report) == [("cuda-driver-mismatch", "error"), ("cuda-toolkit-too-new", "warning")]


def test_a_gpu_that_works_in_part_is_a_warning_and_a_note_is_a_note() -> None:
    report = cuda("degraded", reason("gpu-gone"), reason("no-nvml"))

    assert seen(report) == [("cuda-gpu-gone", "warning"), ("cuda-no-nvml", "info")]
    assert seen(cuda("visible", reason("gpus-hidden"))) == [("cuda-gpus-hidden", "info")]
    assert seen(cuda("hidden", reason("cuda-visible-devices"))) == [
        ("cuda-visible-devices", "info")
    ]


def test_a_driver_that_is_not_to_be_asked_is_no_alarm() -> None:
    assert seen(cuda("probe_failed", reason("driver-not-asked"))) == [
        ("cuda-driver-not-asked", "info")
    ]


def test_an_environment_that_does_not_fit_is_told_once() -> None:
    unfit = reason("framework-too-new", "PyTorch is too new")
    environment = EnvironmentCuda(
        prefix="/envs/train", name="train", fits=False, reasons=(unfit, reason("cpu-build"))
    )
    repeated = reason("framework-too-new", "environment train: PyTorch is too new")

    for report in (
        cuda("degraded", repeated, environments=(environment,)),
        cuda("visible", environments=(environment,)),
    ):
        (problem,) = cuda_problems(report)
        assert (problem.id, problem.severity) == ("cuda-framework-too-new", "warning")
        assert (problem.source, problem.seen) == ("/envs/train", repeated.text)


LOGS = Logs(
    group="g", stream="s", file="/l", trouble="", lost=0, not_shipped="", shipping=None, events=()
)


def logged(*, is_shipped: bool = True, **fields: object) -> list[str]:
    logs = msgspec.structs.replace(LOGS, **fields)
    found = list(log_problems(logs, is_shipped=is_shipped, now_ms=NOW))
    assert all(problem.severity in PROBLEMS[problem.id].severities for problem in found)
    return [problem.id for problem in found]


def test_a_log_that_is_written_is_no_problem() -> None:
    assert logged() == []
    assert told(Parts(logs=LOGS)) == told(Parts()) == []


def test_a_log_that_is_not_written_is_one_problem_with_what_was_lost() -> None:
    logs = msgspec.structs.replace(LOGS, trouble="read-only", lost=3)
    (problem,) = log_problems(logs, is_shipped=False, now_ms=NOW)

    assert problem.id == "log-not-written"
    assert problem.seen == "read-only; 3 records of this server are lost"
    assert logged(lost=3) == ["log-records-lost"]


def test_shipping_that_was_refused_is_told() -> None:
    assert logged(not_shipped="this is SageMaker") == ["log-shipping-refused"]


@pytest.mark.parametrize(
    ("report", "kinds"),
    [
        (ShipReport(state="idle"), []),
        (ShipReport(state="shipping", behind_events=3, oldest=NOW - 1000), []),
        (
            ShipReport(state="shipping", behind_events=3, oldest=NOW - BEHIND_MS - 1),
            ["log-shipping-behind"],
        ),
        (
            ShipReport(state="waiting", reason="denied", behind_events=9, oldest=0),
            ["log-shipping-waiting"],
        ),
        (ShipReport(state="stopped"), []),
        (ShipReport(state="stopped", behind_events=1, oldest=0), ["log-shipping-stopped"]),
        (ShipReport(state="idle", counters=Counters(dropped=1)), ["log-events-rejected"]),
        (ShipReport(state="idle", counters=Counters(gaps=1)), ["log-events-gone"]),
        (ShipReport(state="idle", trouble="not JSON"), ["log-shipping-state"]),
    ],
)
def test_what_became_of_shipping_is_one_problem(report: ShipReport, kinds: list[str]) -> None:
    assert logged(shipping=report) == kinds
    assert logged(shipping=report, is_shipped=False) == []


def test_the_reason_why_it_waits_and_how_many_are_behind_are_told() -> None:
    waiting = ShipReport(state="waiting", reason="AccessDenied", behind_events=9, oldest=0)
    logs = msgspec.structs.replace(LOGS, shipping=waiting)

    (problem,) = log_problems(logs, is_shipped=True, now_ms=NOW)

    assert problem.seen == "AccessDenied; 9 events are not shipped yet"
