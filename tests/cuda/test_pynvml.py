"""Whatever there is by the name of pynvml: libcuda is asked all the same."""

import importlib.metadata
from collections.abc import Callable
from pathlib import Path

import pytest
from fakegpu import GIB, FakeDriver, Gpu

from jupyter_sm.cuda.model import Probe
from jupyter_sm.cuda.probe.prober import Prober, pynvml_file

REAL = Path(pynvml_file()).read_text()
ONLY_BYTES = """
def _bytes(function):
    def called(*arguments):
        answer = function(*arguments)
        return answer.encode() if isinstance(answer, str) else answer
    return called

for _name in ("nvmlDeviceGetUUID", "nvmlDeviceGetName", "nvmlSystemGetDriverVersion"):
    globals()[_name] = _bytes(globals()[_name])
"""
"""As pynvml before 11.5 answers."""

ONLY_ONE_MEMORY = """
_memory = nvmlDeviceGetMemoryInfo
del nvmlMemory_v2

def nvmlDeviceGetMemoryInfo(handle):
    return _memory(handle)
"""

PATIENT = 20.0


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages with an nvidia-ml-py, which comes before all others."""
    folder = tmp_path / "site"
    info = folder / "nvidia_ml_py-12.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: nvidia-ml-py\nVersion: 12.0\n")
    (info / "RECORD").write_text("pynvml.py,,\n")
    (folder / "pynvml.py").write_text(REAL)
    monkeypatch.syspath_prepend(folder)
    return folder


@pytest.fixture
def ask(fake_driver: FakeDriver, tmp_path: Path) -> Callable[[], Probe]:
    """Asks a machine with two GPUs."""
    machine = fake_driver.installed(tmp_path / "lib").machine(Gpu(), Gpu(number=1))
    return Prober(timeout=PATIENT, environ=machine.environ()).probe


def uuids(probe: Probe) -> list[str]:
    return [device.uuid for device in probe.nvml_devices or ()]


def test_a_package_of_the_same_name_does_not_stand_in_its_way(
    site: Path, ask: Callable[[], Probe]
) -> None:
    old = site / "pynvml"
    old.mkdir()
    (old / "__init__.py").write_text("raise RuntimeError('the old package')\n")
    answer = ask()

    assert pynvml_file() == str(site / "pynvml.py")
    assert (answer.ended, answer.nvml_problems) == ("complete", ())
    assert uuids(answer) == [Gpu().uuid, Gpu(number=1).uuid]


def test_a_module_that_answers_in_bytes_is_understood(site: Path, ask: Callable[[], Probe]) -> None:
    (site / "pynvml.py").write_text(REAL + ONLY_BYTES + ONLY_ONE_MEMORY)
    answer = ask()

    assert (answer.ended, answer.driver_version) == ("complete", "550.54.15")
    assert [device.name for device in answer.nvml_devices or ()] == ["NVIDIA A10G"] * 2
    assert [device.memory_used for device in answer.nvml_devices or ()] == [GIB] * 2
    assert answer.nvml_problems == ()
    assert uuids(answer) == [device.uuid for device in answer.cuda_devices or ()]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("raise RuntimeError('not here')", "nvidia-ml-py failed: RuntimeError: not here"),
        ("import sys; sys.exit(3)", "nvidia-ml-py failed: SystemExit: 3"),
        ("x = 1", "nvidia-ml-py failed: AttributeError"),
        (None, "nvidia-ml-py failed: FileNotFoundError"),
    ],
)
def test_a_module_that_is_none_costs_nothing_but_nvml(
    site: Path, ask: Callable[[], Probe], text: str | None, problem: str
) -> None:
    (site / "pynvml.py").unlink()
    if text is not None:
        (site / "pynvml.py").write_text(text)
    answer = ask()

    assert answer.nvml_problems[0].startswith(problem)
    assert (answer.ended, answer.cuda_init_code, len(answer.cuda_devices or ())) == (
        "complete",
        0,
        2,
    )


def test_without_the_package_there_is_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", missing)

    assert pynvml_file() == ""
