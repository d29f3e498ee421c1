"""`docker stop` while kernels are at work, or are just being started: exit status 0 within the grace."""

import contextlib
import http.client
import threading
import time

import containers
import pytest

pytestmark = [pytest.mark.engine, pytest.mark.newest_only, pytest.mark.timeout(600)]

SCIENCE, TRAINING = "conda-env-science-py", "conda-env-training-py"

AT_WORK = {
    "python3": "while True: pass",
    SCIENCE: "import time; time.sleep(600)",
    TRAINING: "import subprocess; subprocess.run(['sleep', '600'])",
}
"""What each kernel does when it is told to end."""


def test_an_image_whose_kernels_are_at_work_stops_in_time(
    user_image: str, launch: containers.LaunchContainer
) -> None:
    with launch(user_image) as container:
        for name, code in AT_WORK.items():
            with container.start_kernel(name) as kernel:
                assert kernel.execute("6 * 7").result == "42"
                kernel.send("execute_request", {"code": code, "silent": False})
                while kernel.receive(timeout=60)["msg_type"] != "execute_input":
                    pass

        assert container.stop() == 0, container.log()
        assert container.left_behind() == []


def test_an_image_whose_kernels_are_just_being_started_stops_in_time(
    user_image: str, launch: containers.LaunchContainer
) -> None:
    def start(name: str) -> None:
        asked.wait()
        with contextlib.suppress(OSError, http.client.HTTPException):  # it goes away meanwhile
            container.post("/api/kernels", {"name": name})

    with launch(user_image) as container:
        names = [SCIENCE, TRAINING]  # no more than a machine with two cores starts at once
        asked = threading.Barrier(len(names) + 1)
        starts = [threading.Thread(target=start, args=[name]) for name in names]
        for thread in starts:
            thread.start()
        asked.wait()
        deadline = time.monotonic() + 60
        while not container.get("/api/kernels").json():
            assert time.monotonic() < deadline, container.log()
            time.sleep(0.02)

        assert container.stop() == 0, container.log()
        assert container.left_behind() == []
        for thread in starts:
            thread.join(60)
