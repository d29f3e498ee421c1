"""Where memory runs out, kernels end before the host, whoever starts them."""

from collections.abc import Callable
from pathlib import Path

import envs
import pytest
from hosts import Host

ADJUSTMENT = "print(open('/proc/self/oom_score_adj').read(), end='')"


@pytest.mark.parametrize("how", ["start", "restart"])
@pytest.mark.parametrize("name", ["python3", "conda-env-myenv-py"])
def test_linux_would_end_a_kernel_before_its_host(
    name: str, how: str, launch_gateway: Callable[..., Host], tmp_path: Path
) -> None:
    root = envs.make_environment(tmp_path / "conda", interpreter="real")
    envs.make_environment(root / "envs/myenv", interpreter="real")
    own = int(Path("/proc/self/oom_score_adj").read_text())
    host = launch_gateway(env={"MAMBA_ROOT_PREFIX": str(root)})

    with host.start_kernel(name) as kernel:
        kernel.execute("1")
    if how == "restart":
        assert host.post(f"/api/kernels/{kernel.kernel_id}/restart").status == 200
    with host.connect(kernel.kernel_id) as kernel:
        assert int(kernel.execute(ADJUSTMENT).text) == min(own + 500, 1000)
    assert int(Path(f"/proc/{host.process.pid}/oom_score_adj").read_text()) == own
