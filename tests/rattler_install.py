"""Installs conda packages with py-rattler: CHANNEL PREFIX CACHE SPEC…

A program of its own: py-rattler can abort the interpreter that imported it when that one ends.
"""

import asyncio
import os
import sys
import traceback
from pathlib import Path

import rattler


async def install(channel: str, prefix: str, cache: Path, specs: list[str]) -> None:
    """Solve against one channel, install into ``prefix``, keep extracted packages in ``cache``."""
    gateway = rattler.Gateway(cache_dir=cache / "repodata")
    records = await rattler.solve([rattler.Channel(channel)], specs, gateway=gateway)
    await rattler.install(records, prefix, cache_dir=cache / "packages")


def main() -> int:
    channel, prefix, cache, *specs = sys.argv[1:]
    try:
        asyncio.run(install(channel, prefix, Path(cache), specs))
    except Exception:  # noqa: BLE001  # printed whole; the exit below would hide it
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
