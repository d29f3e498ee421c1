"""The panel's logic that needs no browser: each ``*.test.ts`` here, run by Node as it is."""

import subprocess
from pathlib import Path

import nodes
import pytest

HERE = Path(__file__).resolve().parent


@pytest.mark.parametrize("name", sorted(path.name for path in HERE.glob("*.test.ts")))
def test_the_logic_does_what_its_tests_say(name: str, user_environ: dict[str, str]) -> None:
    command = [nodes.node_with_types(), "--test", "--test-reporter=spec", str(HERE / name)]
    done = subprocess.run(
        command, env=user_environ, capture_output=True, text=True, timeout=100, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "pass 0" not in done.stdout
