"""A GPU without a GPU: NVML and libcuda, compiled from C, that say what a scenario file says.

    driver = fake_driver.installed(tmp_path / "lib")
    machine = driver.machine(Gpu(), Gpu(), **{"cuda.init": "!803"})
    Prober(environ=machine.environ()).probe()

What the values of a scenario may be says `cuda/fake/fakegpu.h`. The fake proves what we make of a
driver's answers; that a driver answers so is NVIDIA's documentation's word.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

SOURCES = Path(__file__).parent / "cuda" / "fake"
NVML, CUDA = "libnvidia-ml.so.1", "libcuda.so.1"
LIBRARIES = {NVML: "fakenvml.c", CUDA: "fakecuda.c"}
SCENARIO = "CUDA_FAKE_SCENARIO"
GIB = 1 << 30

Values = Mapping[str, str | int]


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """A GPU as both libraries know it, or a slice of one.

    Attributes:
        number: makes the uuid.
        slices: what MIG has made of it; CUDA then shows the first slice in its place.
        more: further keys below ``nvml.<index>.``, which win over these.
        cuda: the same below ``cuda.<index>.``.
    """

    number: int = 0
    name: str = "NVIDIA A10G"
    capability: str = "8.6"
    total: int = 24 * GIB
    used: int = GIB
    slices: tuple["Gpu", ...] = ()
    more: Values = field(default_factory=dict)
    cuda: Values = field(default_factory=dict)

    @property
    def uuid(self) -> str:
        return f"GPU-{self._digits}"

    @property
    def slice_uuid(self) -> str:
        return f"MIG-{self._digits}"

    @property
    def _digits(self) -> str:
        return f"{self.number:08x}-90ab-cdef-1234-567890abcdef"

    def in_nvml(self, index: int) -> dict[str, str | int]:
        values: dict[str, str | int] = {
            "uuid": self.uuid,
            "name": self.name,
            "capability": self.capability,
            "total": self.total,
            "used": self.used,
            "utilization": 7,
            "mig": int(bool(self.slices)),
            "ecc": 0,
        }
        for number, part in enumerate(self.slices):
            own = {"uuid": part.slice_uuid, "name": part.name}
            own |= {"total": str(part.total), "used": str(part.used)}
            values |= {f"{number}.{name}": value for name, value in own.items()}
        return {f"nvml.{index}.{name}": value for name, value in {**values, **self.more}.items()}

    def in_cuda(self, index: int) -> dict[str, str | int]:
        shown = self.slices[0] if self.slices else self
        values: dict[str, str | int] = {
            "uuid": shown.slice_uuid if self.slices else shown.uuid,
            "name": shown.name,
            "capability": self.capability,
            "total": shown.total,
        }
        return {f"cuda.{index}.{name}": value for name, value in {**values, **self.cuda}.items()}


@dataclass(frozen=True)
class Machine:
    """Libraries in a folder, and the scenario that they read."""

    folder: Path
    scenario: Path

    def environ(self, **more: str) -> dict[str, str]:
        """What a process is given to see it."""
        return {
            "LD_LIBRARY_PATH": str(self.folder),
            SCENARIO: str(self.scenario),
            "PATH": os.defpath,
            **more,
        }

    def becomes(self, values: Values) -> None:
        """From now on the libraries say this and nothing else."""
        new = self.scenario.with_suffix(".new")
        new.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
        new.replace(self.scenario)


@dataclass(frozen=True)
class Driver:
    """A folder with the libraries of one driver."""

    folder: Path

    def machine(self, *gpus: Gpu, **values: str | int) -> Machine:
        """A machine with these GPUs; ``values`` win, their names with ``__`` for each dot."""
        machine = Machine(self.folder, self.folder / "scenario")
        machine.becomes(scenario(*gpus, **values))
        return machine


def scenario(*gpus: Gpu, **values: str | int) -> dict[str, str | int]:
    """What a driver 550 says of these GPUs; ``values`` as for `Driver.machine`."""
    said: dict[str, str | int] = {
        "nvml.driver": "550.54.15",
        "nvml.cuda": 12040,
        "nvml.devices": len(gpus),
        "cuda.driver": 12040,
        "cuda.devices": len(gpus),
    }
    for index, gpu in enumerate(gpus):
        said |= gpu.in_nvml(index) | gpu.in_cuda(index)
    return said | {name.replace("__", "."): value for name, value in values.items()}


@dataclass(frozen=True)
class FakeDriver:
    """The compiled libraries."""

    built: Path

    def installed(
        self, folder: Path, *libraries: str, old: bool = False, empty: tuple[str, ...] = ()
    ) -> Driver:
        """Put libraries into a folder, all of them if none is named.

        Args:
            folder: is made.
            libraries: `NVML`, `CUDA`.
            old: of a driver before 470, which lacks the newer functions.
            empty: those of which there is a file of 0 bytes.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for name in libraries or LIBRARIES:
            shutil.copy(self.built / ("old" if old else "new") / name, folder)
        for name in empty:
            (folder / name).write_bytes(b"")
        return Driver(folder)


def build(folder: Path) -> FakeDriver:
    """Compile the libraries below ``folder``.

    Raises:
        AssertionError: there is no gcc, or it does not compile them.
    """
    gcc = shutil.which("gcc")
    assert gcc, "the fake of NVIDIA's driver needs gcc (Debian: gcc and libc6-dev)"
    flags = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC"]
    for age, options in {"new": [], "old": ["-DOLD_DRIVER"]}.items():
        (folder / age).mkdir(parents=True)
        for name, source in LIBRARIES.items():
            command = [gcc, *flags, *options, "-o", str(folder / age / name)]
            done = subprocess.run(
                [*command, str(SOURCES / source)], capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
    return FakeDriver(folder)


@pytest.fixture(scope="session")
def fake_driver(tmp_path_factory: pytest.TempPathFactory) -> FakeDriver:
    """NVIDIA's driver as a fake, compiled once a run."""
    return build(tmp_path_factory.mktemp("fakegpu") / "built")
