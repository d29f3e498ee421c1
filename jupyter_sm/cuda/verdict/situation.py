"""What follows at once from the evidence and the probe together."""

from dataclasses import dataclass

from ..files.host import has_gpu, is_given_by_windows
from ..model import Device, HostEvidence, Library, LibraryKind, Probe
from ..tables import cuda_error
from .wording import counted

NO_DEVICE = 100
"""CUDA_ERROR_NO_DEVICE of cuda.h: also what an empty list of devices comes to."""

_NO_NVML = frozenset({None, 0, 9, 12})
_NO_CUDA = frozenset({None, 0, 34, NO_DEVICE})


@dataclass(frozen=True, slots=True)
class Situation:
    """The evidence of files and what the driver said; ``probe`` is None where it was not asked."""

    host: HostEvidence
    probe: Probe | None

    @property
    def has_gpu(self) -> bool:
        """Whether the host has an NVIDIA GPU, by files or by what the driver lists."""
        return has_gpu(self.host) or bool(self.listed) or self.has_lost or self.works

    @property
    def has_lost(self) -> bool:
        """Whether NVML counts a GPU of which it says nothing but an error."""
        return self.probe is not None and bool(self.probe.nvml_device_codes)

    @property
    def fails_without_gpu(self) -> bool:
        """Whether the driver says more than that there is nothing: then it is there, and broken.

        NVML's 9 and 12 (not loaded, not found) and CUDA's 100 (no device) are what it says on a host
        without a GPU; 34 is a stub, which knows of no host.
        """
        nvml = self.probe.nvml_code if self.probe is not None else None
        return nvml not in _NO_NVML or self.code not in _NO_CUDA

    @property
    def gives_gpu(self) -> bool:
        """Whether a GPU was handed to this container."""
        given = self.host.device_nodes or self.listed or self.has_lost
        return bool(given) or is_given_by_windows(self.host)

    @property
    def listed(self) -> tuple[Device, ...]:
        """NVML's devices; they come before CUDA is asked, so that they are known if that hangs."""
        return (self.probe.nvml_devices or ()) if self.probe else ()

    @property
    def code(self) -> int | None:
        """CUDA's first error, 0 if it works, None if it was not asked or did not answer."""
        probe = self.probe
        if probe is None or probe.cuda_init_code is None:
            return None
        if probe.cuda_init_code or probe.cuda_count_code:
            return probe.cuda_init_code or probe.cuda_count_code
        if probe.cuda_devices is None:
            return None
        return 0 if probe.cuda_devices else NO_DEVICE

    @property
    def works(self) -> bool:
        """Whether CUDA began and found a device."""
        return self.code == 0

    @property
    def answered(self) -> bool:
        """Whether the driver came to say of CUDA what can be said, be it only why not."""
        probe = self.probe
        if probe is None:
            return False
        return (
            self.code is not None
            or probe.cuda_library_error is not None
            or (probe.ended == "complete")
        )

    @property
    def driver(self) -> str | None:
        """Version of the driver: in user space, else of the kernel module."""
        return (self.probe.driver_version if self.probe else None) or self.host.kernel_driver

    @property
    def libcuda(self) -> Library | None:
        """The libcuda.so.1 that was loaded; where none was, the one that the loader would find."""
        path = (self.probe.libcuda_path if self.probe else None) or self.host.libcuda_path
        found = [x for x in self.host.libraries if path in {x.path, x.resolved}]
        # Of several names of one file, that at which the loader comes by.
        first = [x for x in found if x.path == self.host.libcuda_path]
        return next(iter(first + found), None)

    @property
    def uses_compat(self) -> bool:
        """Whether CUDA works through NVIDIA's forward compatibility package."""
        return self.works and self.libcuda is not None and self.libcuda.kind == "compat"

    @property
    def baked(self) -> tuple[Library, ...]:
        """The driver's libraries that are a part of the image; outside of a container they are right."""
        return () if self.host.container is False else self.drivers_libraries("baked")

    def drivers_libraries(self, *kinds: LibraryKind) -> tuple[Library, ...]:
        """The files of libcuda and NVML in the image, those of these kinds, each file once."""
        found = {
            library.resolved: library
            for library in self.host.libraries
            if library.kind in kinds and library.name.startswith(("libcuda.so", "libnvidia-ml.so"))
        }
        return tuple(found.values())

    def called(self) -> str:
        """CUDA's error as evidence: the call, the number and its name."""
        probe = self.probe
        if probe is None:
            return ""
        if probe.cuda_init_code is None:
            return ""
        for call, code in (
            ("cuInit", probe.cuda_init_code),
            ("cuDeviceGetCount", probe.cuda_count_code),
        ):
            if code:
                return f"{call}: {code} {cuda_error(code).name}"
        return f"cuDeviceGetCount: {counted(len(probe.cuda_devices or ()), 'device')}"
