"""What the shell runs, and how it tells on a pipe of its own what each script did."""

import os
import re
from typing import NamedTuple

EXPORT = "export"
"""The step between the scripts of the old and of the new environment; no path is called so."""

PRIVATE = "__jupyter_sm_"
"""How the names of our own variables in the shell begin."""

TO_SET = f"{PRIVATE}set_"
"""How the names of variables begin whose values, ``NAME=value``, the step ``EXPORT`` sets."""

# Scripts run as in conda's shell: inside a function, so that `declare -x` is local to it, and left
# of `||`, where `set -e` does not count. Whatever is expanded is quoted, as scripts change IFS.
PROGRAM = r"""
__jupyter_sm_channel=$1 __jupyter_sm_env=$2 __jupyter_sm_conda=$3
shift 3
if [ -n "$__jupyter_sm_conda" ]; then
  conda() { "$__jupyter_sm_conda" "$@"; }
fi
__jupyter_sm_tell() {
  {
    builtin printf '%s\0' "$__jupyter_sm_step $1 $2" &&
      { [ "$1" = set ] || "$__jupyter_sm_env" -0; } && builtin printf '\0'
  } >&"$__jupyter_sm_channel"
}
__jupyter_sm_source() { . "$__jupyter_sm_script"; }
__jupyter_sm_step=0
PS1=${CONDA_PROMPT_MODIFIER-}
for __jupyter_sm_script; do
  __jupyter_sm_status=0 __jupyter_sm_how=end
  if [ "$__jupyter_sm_script" = export ]; then
    for __jupyter_sm_name in "${!__jupyter_sm_set_@}"; do
      export "${!__jupyter_sm_name}"
      unset "$__jupyter_sm_name"
    done
    PS1=${CONDA_PROMPT_MODIFIER-} __jupyter_sm_how=set
  else
    trap '__jupyter_sm_tell exit "$?"' EXIT
    __jupyter_sm_source || __jupyter_sm_status=$?
    { set +euvx; trap - DEBUG ERR RETURN EXIT; } 2>/dev/null
  fi
  __jupyter_sm_tell "$__jupyter_sm_how" "$__jupyter_sm_status" || builtin exit 1
  __jupyter_sm_step=$((__jupyter_sm_step + 1))
done
"""
"""For ``bash -c``; arguments: file descriptor to tell on, absolute path of ``env``, the ``conda``
program or nothing, then the steps: absolute paths of scripts, and ``EXPORT``."""


class Told(NamedTuple):
    """What the shell said after a step.

    Attributes:
        exited: the script ended the shell.
        status: of its last command, or the one it exited with.
        environ: every exported variable then; empty after ``EXPORT``.
    """

    exited: bool
    status: int
    environ: dict[str, str]


class Messages:
    """Takes what the shell tells out of a stream; whatever else scripts write there is dropped.

    Attributes:
        told: one for each step, from the first one on without a gap.
    """

    _HEAD = re.compile(rb"([0-9]{1,9}) (end|exit|set) ([0-9]{1,3})")

    def __init__(self) -> None:
        self._rest = bytearray()
        self.told: list[Told] = []

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self._rest += data
        while (end := self._rest.find(b"\0\0")) >= 0:
            head, *entries = bytes(self._rest[:end]).split(b"\0")
            del self._rest[: end + 2]
            match = self._HEAD.fullmatch(head)
            if match and int(match[1]) == len(self.told):
                pairs = (os.fsdecode(entry).partition("=") for entry in entries)
                environ = {name: value for name, _, value in pairs}
                self.told.append(Told(match[2] == b"exit", int(match[3]), environ))
