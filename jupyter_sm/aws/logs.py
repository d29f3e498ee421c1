"""One CloudWatch Logs stream to write to; every outcome is an answer, and none is an exception."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .answers import ACCEPTED, Answer, accepted, failed, told
from .session import (
    CONNECT_TIMEOUT,
    LOOKUP_DEADLINE,
    READ_TIMEOUT,
    Access,
    AccessSource,
    AwsMissingError,
    NoCredentialsError,
    close_client,
    new_client,
)

__all__ = ["Answer", "AwsMissingError", "LogsClient"]


class LogsClient:
    """Writes to one stream of one group. For one thread; nothing is tried twice here.

    Args:
        group: log group.
        stream: log stream.
        region: instead of the environment's and the SDK's configuration.
        endpoint_url: instead of the region's own.
        connect_timeout: seconds.
        read_timeout: seconds for an answer.
        lookup_deadline: seconds for credentials.

    Raises:
        AwsMissingError: the SDK is not installed.
    """

    def __init__(
        self,
        group: str,
        stream: str,
        *,
        region: str | None = None,
        endpoint_url: str | None = None,
        connect_timeout: float = CONNECT_TIMEOUT,
        read_timeout: float = READ_TIMEOUT,
        lookup_deadline: float = LOOKUP_DEADLINE,
    ) -> None:
        self._group = {"logGroupName": group}
        self._stream = {"logGroupName": group, "logStreamName": stream}
        self._how: dict[str, Any] = {
            "endpoint_url": endpoint_url,
            "connect_timeout": connect_timeout,
            "read_timeout": read_timeout,
        }
        self._source = AccessSource(region, deadline=lookup_deadline)
        self._access: Access | None = None
        self._client: Any | None = None

    def put(self, events: Sequence[tuple[int, str]]) -> Answer:
        """Send one batch, which keeps the documented limits, of milliseconds and message."""
        sent = [{"timestamp": timestamp, "message": message} for timestamp, message in events]
        arguments = {**self._stream, "logEvents": sent}
        return self._call(lambda client: _put(client, arguments))

    def create(self) -> Answer:
        """Make the stream, and the group where it is missing; accepted if they are there already.

        The group is asked for second, since a role may often make the one and not the other.
        """
        answer = self._create("create_log_stream", self._stream)
        if answer.kind != "missing":
            return answer
        group = self._create("create_log_group", self._group)
        if group.kind == "denied":
            detail = f"the log group does not exist and may not be created; {group.detail}"
            return dataclasses.replace(group, detail=detail)
        if group.kind != "accepted":
            return group
        return self._create("create_log_stream", self._stream)

    def close(self) -> None:
        """Close the connections; the next call opens them again."""
        if self._client is not None:
            close_client(self._client)
        self._client = self._access = None

    def _create(self, operation: str, arguments: Mapping[str, str]) -> Answer:
        return self._call(lambda client: _create(client, operation, arguments))

    def _call(self, call: Callable[[Any], Answer]) -> Answer:
        try:
            access = self._source.get()
        except NoCredentialsError as error:
            self.close()
            return Answer(kind="credentials", detail=str(error))
        try:
            answer = call(self._client_with(access))
        except Exception as error:  # noqa: BLE001 - what is not the service can make the SDK raise anything
            answer = failed(error, access.keys.secrets())
        if answer.kind == "credentials":
            self._source.forget()
        return answer

    def _client_with(self, access: Access) -> Any:
        if self._client is None or access != self._access:
            self.close()
            self._client = new_client(access, **self._how)
            self._access = access
        return self._client


def _put(client: Any, arguments: dict[str, Any]) -> Answer:
    try:
        response = client.put_log_events(**arguments)
    except client.exceptions.InvalidSequenceTokenException as error:
        # No longer said by the service; by its imitations, and then the batch was not taken.
        token = error.response.get("expectedSequenceToken")
        if not token:
            raise
        response = client.put_log_events(**arguments, sequenceToken=token)
    return _not_the_service(response) or accepted(
        len(arguments["logEvents"]), response.get("rejectedLogEventsInfo", {})
    )


def _create(client: Any, operation: str, arguments: Mapping[str, str]) -> Answer:
    try:
        response = getattr(client, operation)(**arguments)
    except client.exceptions.ResourceAlreadyExistsException:
        return ACCEPTED
    return _not_the_service(response) or ACCEPTED


def _not_the_service(response: Mapping[str, Any]) -> Answer | None:
    """What a proxy that answers 200 with a page of its own means: the SDK takes it for a success.

    The service names each request. Its imitations that do not at least answer in JSON.
    """
    metadata = response["ResponseMetadata"]
    content_type = metadata.get("HTTPHeaders", {}).get("content-type", "")
    if metadata.get("RequestId") or "json" in content_type:
        return None
    status = metadata.get("HTTPStatusCode")
    return Answer(
        kind="endpoint",
        detail=told("not the service", f"status {status} with content type {content_type!r}"),
    )
