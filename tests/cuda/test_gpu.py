"""The real thing: what is told of a real GPU is what nvidia-smi and a computation on it say."""

import csv
import subprocess
import sys
from collections.abc import Callable

import pytest
from hosts import Host

from jupyter_sm.cuda import Prober, examine

pytestmark = pytest.mark.gpu

Launch = Callable[..., Host]

ADD_ONE = """
.version 6.0
.target sm_{target}
.address_size 64
.visible .entry add_one(.param .u64 at) {{
  .reg .u64 %rd<5>;
  .reg .u32 %r<4>;
  ld.param.u64 %rd1, [at];
  cvta.to.global.u64 %rd2, %rd1;
  mov.u32 %r1, %tid.x;
  mul.wide.u32 %rd3, %r1, 4;
  add.u64 %rd4, %rd2, %rd3;
  ld.global.u32 %r2, [%rd4];
  add.u32 %r3, %r2, 1;
  st.global.u32 [%rd4], %r3;
  ret;
}}
"""

COMPUTE = """
import ctypes
cuda = ctypes.CDLL("libcuda.so.1")
def call(name, *arguments):
    status = getattr(cuda, name)(*arguments)
    assert status == 0, (name, status)
device, context, module, function = ctypes.c_int(), *(ctypes.c_void_p() for _ in range(3))
call("cuInit", 0)
call("cuDeviceGet", ctypes.byref(device), 0)
call("cuDevicePrimaryCtxRetain", ctypes.byref(context), device)
call("cuCtxSetCurrent", context)
major, minor = ctypes.c_int(), ctypes.c_int()
call("cuDeviceGetAttribute", ctypes.byref(major), 75, device)
target = 70 if major.value >= 7 else 50
call("cuModuleLoadData", ctypes.byref(module), PTX.format(target=target).encode())
call("cuModuleGetFunction", ctypes.byref(function), module, b"add_one")
numbers = (ctypes.c_uint32 * 32)(*range(32))
memory = ctypes.c_uint64()
call("cuMemAlloc_v2", ctypes.byref(memory), ctypes.sizeof(numbers))
call("cuMemcpyHtoD_v2", memory, numbers, ctypes.sizeof(numbers))
given = (ctypes.c_void_p * 1)(ctypes.addressof(memory))
call("cuLaunchKernel", function, 1, 1, 1, 32, 1, 1, 0, None, given, None)
call("cuCtxSynchronize")
call("cuMemcpyDtoH_v2", numbers, memory, ctypes.sizeof(numbers))
sum(numbers)
"""


def smi(fields: str) -> list[list[str]]:
    asked = ["nvidia-smi", f"--query-gpu={fields}", "--format=csv,noheader,nounits"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60)
    return [[cell.strip() for cell in row] for row in csv.reader(answer.stdout.splitlines())]


def test_the_devices_are_those_of_nvidia_smi() -> None:
    report = examine(Prober(), [(sys.prefix, "tests")])

    assert report.status in {"visible", "degraded"}, report.reasons
    told = {
        (d.uuid, d.name, report.driver_version, d.compute_capability)
        for d in report.devices
        if d.parent_uuid is None
    }
    assert told == {tuple(row) for row in smi("uuid,name,driver_version,compute_cap")}


def test_the_memory_is_what_nvidia_smi_says() -> None:
    report = examine(Prober(), [])

    for uuid, mebibytes in smi("uuid,memory.total"):
        (device,) = [d for d in report.devices if d.uuid == uuid]
        assert device.memory_total is not None
        # nvidia-smi leaves out what the driver keeps for itself, on some GPUs.
        assert abs(device.memory_total / (1 << 20) - float(mebibytes)) < 2048


def test_a_kernel_computes_on_a_device_that_is_told_to_be_visible(launch_gateway: Launch) -> None:
    gateway = launch_gateway()
    told = gateway.get("/api/sm/cuda", timeout=60).json()
    assert told["status"] in {"visible", "degraded"}, told["reasons"]
    assert any(device["cuda_visible"] for device in told["devices"])

    with gateway.start_kernel("python3") as kernel:
        answer = kernel.execute(f"PTX = {ADD_ONE!r}\n{COMPUTE}")
    assert answer.result == str(sum(range(1, 33)))


def test_no_device_is_visible_where_the_variable_hides_all() -> None:
    report = examine(
        Prober(environ={"CUDA_VISIBLE_DEVICES": ""}), [], environ={"CUDA_VISIBLE_DEVICES": ""}
    )

    assert report.status == "hidden"
    assert [device.cuda_visible for device in report.devices] == [False] * len(report.devices)
