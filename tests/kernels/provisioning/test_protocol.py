"""The messaging protocol, as jupyter_kernel_test checks it, in a kernel started in an environment."""

from collections.abc import Iterator
from typing import Any

import jupyter_kernel_test
import pytest

from .foreign import Host

NAME = "in-an-environment"


@pytest.fixture(scope="module", autouse=True)
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The kernelspec is where the suite looks."""
    host = Host(tmp_path_factory.mktemp("protocol"))
    host.scripted("export HELLO='hello, world'\n", name=NAME)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(host.share))
        yield


class TestProtocol(jupyter_kernel_test.KernelTests):  # type: ignore[misc]  # it has no types
    kernel_name = NAME
    language_name = "python"
    file_extension = ".py"
    code_hello_world = "import os; print(os.environ['HELLO'])"
    code_stderr = "import sys; print('test', file=sys.stderr)"
    completion_samples = [  # noqa: RUF012  # the suite's own attributes, as those below
        {"text": "zi", "matches": {"zip"}},
        {"text": "from sys import exc_i", "matches": {"exc_info"}},
    ]
    complete_code_samples = ["1", "print('hello, world')", "f(\n  *args,\n)\n"]  # noqa: RUF012
    incomplete_code_samples = ["print('''hello", "def f(x):\n  x*2"]  # noqa: RUF012
    invalid_code_samples = ["import = 7q"]  # noqa: RUF012
    code_page_something = "zip?"
    code_generate_error = "raise"
    code_execute_result = [  # noqa: RUF012
        {"code": "6*7", "result": "42"},
        {"code": "'x' * 3", "result": "'xxx'"},
    ]
    code_display_data = [  # noqa: RUF012
        {
            "code": "from IPython.display import HTML, display; display(HTML('<b>x</b>'))",
            "mime": "text/html",
        },
    ]
    code_history_pattern = "6?7*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "zip"
    code_clear_output = "from IPython.display import clear_output; clear_output()"

    def history_helper(self, *args: Any, **asked: Any) -> dict[str, Any]:
        """IPython answers 0 for the session that runs, which the suite does not expect."""
        reply: dict[str, Any] = super().history_helper(*args, **asked)
        if asked["hist_access_type"] == "range":
            lines = reply["content"]["history"]
            reply["content"]["history"] = [[asked["session"], *line[1:]] for line in lines]
        return reply
