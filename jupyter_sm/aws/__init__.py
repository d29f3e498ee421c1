"""The only room that talks to AWS: CloudWatch Logs, with the SDK of the extra ``[aws]``."""

from .answers import Answer, Kind
from .logs import LogsClient
from .session import AwsMissingError

__all__ = ["Answer", "AwsMissingError", "Kind", "LogsClient"]
