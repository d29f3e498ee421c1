"""Credentials, region and client, looked for within a bounded time.

The SDK asks its providers one after the other, and some wait: a ``credential_process`` without any
limit, an identity service through all its retries. So they are asked in a thread, and a call is made
only with keys that are already there. Nothing here is done at import; the SDK is the extra ``[aws]``.
"""

import contextlib
import os
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from ..errors import JupyterSMError
from .answers import no_credentials_detail

CONNECT_TIMEOUT = 5.0
"""Seconds."""

READ_TIMEOUT = 40.0
"""Seconds for an answer: longer than an outage in which batches are accepted and not answered, so
that they are not sent twice."""

LOOKUP_DEADLINE = 20.0
"""Seconds for all providers together."""


class AwsMissingError(JupyterSMError):
    """The AWS SDK is not installed."""

    def __init__(self) -> None:
        super().__init__("boto3 is not installed: pip install 'jupyter_sm[aws]'")


class NoCredentialsError(JupyterSMError):
    """No credentials, or no region; the message says why and holds no secret."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Credentials of one moment; only the access key's id is ever shown."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(repr=False)

    def secrets(self) -> tuple[str, ...]:
        """What must be read nowhere."""
        return (self.secret_key, *([self.token] if self.token else []))


@dataclass(frozen=True, slots=True)
class Access:
    """What a client is made with."""

    keys: Keys
    region: str


class _Lookup(threading.Thread):
    """Asks once, in a thread that no exit of the process waits for."""

    def __init__(self, region: str | None, session: Any | None) -> None:
        super().__init__(name="jupyter_sm-credentials", daemon=True)
        self.session = session
        self.access: Access | None = None
        self.error = ""
        self._region = region
        self._deadline = 0.0

    def begin(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self.start()

    def wait(self) -> bool:
        """Whether it has ended within its time."""
        self.join(max(0.0, self._deadline - time.monotonic()))
        return not self.is_alive()

    def run(self) -> None:
        try:
            self.access = self._look()
        except NoCredentialsError as error:
            self.error = str(error)
        except Exception as error:  # noqa: BLE001 - whatever a provider raises: there are no credentials
            self.error = no_credentials_detail(error)

    def _look(self) -> Access:
        import boto3  # noqa: PLC0415 - an extra

        self.session = self.session or boto3.session.Session()
        region = self._region or os.environ.get("AWS_REGION") or self.session.region_name
        if not region:
            raise NoCredentialsError("no AWS region is known: set AWS_REGION or AWS_DEFAULT_REGION")
        credentials = self.session.get_credentials()
        if credentials is None:
            raise NoCredentialsError("no AWS credentials were found")
        frozen = credentials.get_frozen_credentials()
        return Access(Keys(frozen.access_key, frozen.secret_key, frozen.token), region)


class AccessSource:
    """Keeps credentials and region, and refreshes them. For one thread.

    Args:
        region: instead of ``AWS_REGION``, ``AWS_DEFAULT_REGION`` and the SDK's own configuration.
        deadline: seconds for one look-up. One that does not end is not begun a second time.
    """

    def __init__(self, region: str | None = None, *, deadline: float = LOOKUP_DEADLINE) -> None:
        require_sdk()
        self._region = region
        self._deadline = deadline
        self._session: Any | None = None
        self._lookup: _Lookup | None = None
        self._last: Access | None = None

    def get(self) -> Access:
        """What to sign with now.

        While a refresh takes too long the last ones are given: the service says when they expire.

        Raises:
            NoCredentialsError: there are none, or no region, or the look-up has not ended in time.
        """
        if self._lookup is None:
            self._lookup = _Lookup(self._region, self._session)
            self._lookup.begin(self._deadline)
        lookup = self._lookup
        if not lookup.wait():
            if self._last is None:
                raise NoCredentialsError(
                    f"the look-up of AWS credentials has not ended after {self._deadline:g} s"
                )
            return self._last
        self._lookup = None
        self._session = lookup.session
        self._last = lookup.access
        if lookup.access is None:
            self.forget()
            raise NoCredentialsError(lookup.error)
        return lookup.access

    def forget(self) -> None:
        """Ask every provider and read every file again next time: these were refused."""
        self._session = self._last = None


def require_sdk() -> None:
    """Raise what names the extra, where it is not installed.

    Raises:
        AwsMissingError: it is not.
    """
    try:
        import boto3  # noqa: F401, PLC0415 - an extra
    except ImportError:
        raise AwsMissingError from None


def new_client(
    access: Access, *, endpoint_url: str | None, connect_timeout: float, read_timeout: float
) -> Any:
    """A CloudWatch Logs client with these keys, which tries each call once.

    Raises:
        Exception: the SDK's, where the region or the endpoint is not one.
    """
    import boto3  # noqa: PLC0415 - an extra
    from botocore.config import Config  # noqa: PLC0415 - an extra

    config = Config(
        connect_timeout=connect_timeout,
        read_timeout=read_timeout,
        retries={"mode": "standard", "total_max_attempts": 1},
        max_pool_connections=1,
    )
    return boto3.session.Session().client(
        "logs",
        region_name=access.region,
        endpoint_url=endpoint_url,
        aws_access_key_id=access.keys.access_key,
        aws_secret_access_key=access.keys.secret_key,
        aws_session_token=access.keys.token,
        config=config,
    )


def close_client(client: Any) -> None:
    """Close its connections, whatever state they are in."""
    with contextlib.suppress(OSError):
        client.close()
