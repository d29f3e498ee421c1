"""No room left in the image: what cannot be written is counted and told, and kernels go on."""

import http.client
import time

import containers
import pytest

pytestmark = [pytest.mark.engine, pytest.mark.newest_only, pytest.mark.timeout(600)]

LOGS, HOME = "/var/log/jupyter_sm", "/home/sagemaker-user"
FULL = "No space left on device"
NOT_WRITTEN, AGAIN = "log events cannot be written: ", "log events are written again; "


def fill(container: containers.Container, folder: str) -> None:
    """Until not a byte can be written any more."""
    container.run("sh", "-c", f"cat /dev/zero > {folder}/ballast || true", user="1000:100")


def empty(container: containers.Container, folder: str) -> None:
    container.run("rm", f"{folder}/ballast")


def runs_a_cell(container: containers.Container) -> None:
    with container.start_kernel("conda-env-science-py") as kernel:
        assert kernel.execute("6 * 7").result == "42"


def problems(container: containers.Container) -> dict[str, str]:
    """What the health report tells, by id."""
    found = container.get("/api/sm/health/report").json()["problems"]
    return {problem["id"]: problem["seen"] for problem in found}


def ask_until(container: containers.Container, *, is_written: bool) -> int:
    """Have requests logged until the log is written, or is not; how many records are lost."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        logs = container.get("/api/sm/logs?tail=0").json()
        if is_written is not bool(logs["trouble"]):
            return int(logs["lost"])
    raise AssertionError(f"the log never came to that: {logs}\n{container.log()}")


def test_a_full_log_folder_costs_lines_of_the_log_only_and_their_number_is_told(
    user_image: str, small_disk: containers.DiskOf, launch: containers.LaunchContainer
) -> None:
    with launch(user_image, f"--volume={small_disk(64)}:{LOGS}") as container:
        assert container.get("/api/sm/logs").json()["file"].startswith(f"{LOGS}/")
        fill(container, LOGS)
        ask_until(container, is_written=False)

        runs_a_cell(container)
        assert container.get("/api/sm/health").status == 200
        assert FULL in problems(container)["log-not-written"]
        assert container.log().count(NOT_WRITTEN) == 1
        assert AGAIN not in container.log()

        empty(container, LOGS)
        lost = ask_until(container, is_written=True)
        assert lost > 0
        assert problems(container)["log-records-lost"] == f"{lost} records of this server are lost"
        assert container.log().count(f"{AGAIN}{lost} were lost") == 1
        events = container.get("/api/sm/logs?tail=100").json()["events"]
        [told] = [event["message"] for event in events if "were lost before" in event["message"]]
        assert told.startswith(f"{lost} log events")
        assert FULL in told
        assert container.stop() == 0, container.log()
        assert container.left_behind() == []


def test_a_full_home_folder_keeps_kernels_from_starting_and_nothing_else(
    user_image: str, small_disk: containers.DiskOf, launch: containers.LaunchContainer
) -> None:
    with launch(user_image, f"--volume={small_disk(512)}:{HOME}") as container:
        with container.start_kernel("conda-env-training-py") as running:
            fill(container, HOME)
            refused = container.post("/api/kernels", {"name": "conda-env-science-py"})
            assert refused.status >= http.client.INTERNAL_SERVER_ERROR
            assert refused.json()["code"]
            assert FULL in container.log()

            assert running.execute("6 * 7").result == "42"
            assert [kernel["name"] for kernel in container.get("/api/kernels").json()] == [
                "conda-env-training-py"
            ]
        assert container.get("/api/sm/health").status == 200
        assert "conda-env-science-py" in container.get("/api/kernelspecs").json()["kernelspecs"]

        empty(container, HOME)
        runs_a_cell(container)
        assert container.stop() == 0, container.log()
        assert container.left_behind() == []


def test_a_kernel_that_does_not_start_for_want_of_room_says_so(
    user_image: str, small_disk: containers.DiskOf, launch: containers.LaunchContainer
) -> None:
    with launch(user_image, f"--volume={small_disk(512)}:{HOME}") as container:
        fill(container, HOME)
        refused = container.post("/api/kernels", {"name": "conda-env-science-py"}).json()

        assert FULL.lower() in refused["message"].lower()
        assert HOME in refused["message"]
        assert refused["hint"]
