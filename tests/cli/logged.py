"""A log as the gateway of an app writes it, for the commands that read it."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_sm.logs.line import encode_event

STREAM = "d-abc123/ana/KernelGateway/my-app"
KERNEL = "3f2a90bc-0000-4000-8000-000000000001"


def event(message: str, ago: float = 0.0, **fields: Any) -> bytes:
    """The line of an event that happened so many seconds ago."""
    given = {"level": "INFO", "logger": "KernelGatewayApp", "message": message, **fields}
    (line,) = encode_event(round((time.time() - ago) * 1000), given)
    return line


@dataclass(frozen=True)
class Logged:
    """The log of an app.

    Attributes:
        folder: holds the metadata document and the folder of all logs.
    """

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "logs"

    @property
    def path(self) -> Path:
        return self.root / f"aws/sagemaker/studio/{STREAM}.log"

    @property
    def settings(self) -> dict[str, str]:
        """Environment variables that make a process the app whose log this is."""
        document = self.folder / "resource-metadata.json"
        domain, user, app_type, app = STREAM.split("/")
        arn = f"arn:aws:sagemaker:us-east-1:177118115371:app/{domain}/{user}/{app_type}/{app}"
        document.write_text(json.dumps({"AppType": app_type, "ResourceArn": arn}))
        return {
            "JUPYTER_SM_LOG_ROOT": str(self.root),
            "JUPYTER_SM_METADATA_FILE": str(document),
        }

    def add(self, *lines: bytes, path: Path | None = None) -> None:
        path = path or self.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "ab") as file:
            file.writelines(lines)

    def rotate(self, number: int) -> None:
        self.path.rename(f"{self.path}.{number:08d}")
