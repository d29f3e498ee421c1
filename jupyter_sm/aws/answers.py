"""What the service, or whatever stood in its place, answered: in eight kinds, with no secret in it.

The names of errors are those of the service's model (botocore, ``data/logs/2014-03-28``) and of
"Common Errors" in the CloudWatch Logs API reference; for throttling, those that the SDK itself
takes for it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal[
    "accepted",
    "missing",
    "throttled",
    "unavailable",
    "invalid",
    "denied",
    "credentials",
    "endpoint",
]

DETAIL_MOST = 400
"""Characters of a detail; what is longer is a proxy's page."""

REQUEST_TOO_LARGE = 413
TOO_MANY_REQUESTS = 429
SERVER_ERRORS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one call.

    Attributes:
        kind: ``accepted``; ``missing`` group or stream; ``throttled``; ``unavailable``: try again
            later; ``invalid``: the same events will never be accepted together; ``denied``: the
            role may not; ``credentials``: absent, expired or wrong, or no region is known;
            ``endpoint``: not reached, or what answered is not the service.
        detail: the service's code and message, or what happened instead; empty when accepted.
        rejected_too_old: events of an accepted call that were dropped: older than 14 days.
        rejected_expired: older than the group's retention, and not counted as too old.
        rejected_too_new: more than two hours ahead of the service's clock.
    """

    kind: Kind
    detail: str = ""
    rejected_too_old: int = 0
    rejected_expired: int = 0
    rejected_too_new: int = 0

    @property
    def rejected(self) -> int:
        """Events dropped for their time, each counted once."""
        return self.rejected_too_old + self.rejected_expired + self.rejected_too_new


ACCEPTED = Answer(kind="accepted")

CODES: Mapping[str, Kind] = {
    # Said by the service about an earlier call with the same events; no longer, since 2023.
    "DataAlreadyAcceptedException": "accepted",
    "ResourceNotFoundException": "missing",
    "BandwidthLimitExceeded": "throttled",
    "LimitExceededException": "throttled",
    "PriorRequestNotComplete": "throttled",
    "RequestLimitExceeded": "throttled",
    "RequestThrottled": "throttled",
    "RequestThrottledException": "throttled",
    "SlowDown": "throttled",
    "ThrottledException": "throttled",
    "Throttling": "throttled",
    "ThrottlingException": "throttled",
    "TooManyRequestsException": "throttled",
    "InternalFailure": "unavailable",
    "InternalServerError": "unavailable",
    "InvalidSequenceTokenException": "unavailable",
    "OperationAbortedException": "unavailable",
    "RequestTimeout": "unavailable",
    "RequestTimeoutException": "unavailable",
    "ServiceUnavailable": "unavailable",
    "ServiceUnavailableException": "unavailable",
    "InvalidParameterCombination": "invalid",
    "InvalidParameterException": "invalid",
    "InvalidParameterValue": "invalid",
    "MalformedQueryString": "invalid",
    "MissingParameter": "invalid",
    "RequestEntityTooLarge": "invalid",
    "SerializationException": "invalid",
    "ValidationError": "invalid",
    "ValidationException": "invalid",
    "AccessDenied": "denied",
    "AccessDeniedException": "denied",
    "NotAuthorized": "denied",
    "OptInRequired": "denied",
    "UnauthorizedOperation": "denied",
    "AuthFailure": "credentials",
    "ExpiredToken": "credentials",
    "ExpiredTokenException": "credentials",
    "IncompleteSignature": "credentials",
    "IncompleteSignatureException": "credentials",
    "InvalidAccessKeyId": "credentials",
    "InvalidClientTokenId": "credentials",
    "InvalidSignatureException": "credentials",
    "InvalidToken": "credentials",
    "MissingAuthenticationToken": "credentials",
    "MissingAuthenticationTokenException": "credentials",
    "RequestExpired": "credentials",
    "RequestTimeTooSkewed": "credentials",
    "SignatureDoesNotMatch": "credentials",
    "TokenRefreshRequired": "credentials",
    "UnrecognizedClientException": "credentials",
}

SKEW = re.compile(r"skew|Signature (expired|not yet current)", re.IGNORECASE)
"""How the service says that this machine's clock differs from its own."""


def accepted(events: int, rejected: Mapping[str, int]) -> Answer:
    """An accepted call of so many events, with the response's ``rejectedLogEventsInfo``.

    The ends are exclusive and the start is inclusive; an event named twice is counted once.
    """
    old = _index(rejected.get("tooOldLogEventEndIndex", 0), 0, events)
    expired = _index(rejected.get("expiredLogEventEndIndex", 0), old, events)
    new = _index(rejected.get("tooNewLogEventStartIndex", events), expired, events)
    return Answer(
        kind="accepted",
        rejected_too_old=old,
        rejected_expired=expired - old,
        rejected_too_new=events - new,
    )


def _index(value: int, least: int, most: int) -> int:
    return min(max(value, least), most)


def failed(error: Exception, secrets: Iterable[str] = ()) -> Answer:
    """What an exception of the SDK, raised by a call, means; ``secrets`` are struck from it."""
    from botocore import exceptions  # noqa: PLC0415 - an extra

    secrets = tuple(secrets)
    if isinstance(error, exceptions.ClientError):
        return _refused(error.response, secrets)
    name = type(error).__name__
    if isinstance(error, exceptions.ParamValidationError):
        # Its text quotes what was given: the user's own log.
        return Answer(kind="invalid", detail=f"{name}: the SDK does not send these events")
    if isinstance(error, _no_credentials()):
        return Answer(kind="credentials", detail=no_credentials_detail(error, secrets))
    return Answer(kind="endpoint", detail=told(name, str(error), secrets))


def _no_credentials() -> tuple[type[Exception], ...]:
    from botocore import exceptions  # noqa: PLC0415 - an extra

    return (
        exceptions.CredentialRetrievalError,
        exceptions.NoAuthTokenError,
        exceptions.NoCredentialsError,
        exceptions.NoRegionError,
        exceptions.PartialCredentialsError,
        exceptions.ProfileNotFound,
        exceptions.SSOError,
    )


def _refused(response: Mapping[str, Any], secrets: tuple[str, ...]) -> Answer:
    error = response.get("Error", {})
    code, message = str(error.get("Code", "")), str(error.get("Message", ""))
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    detail = told(code, message, secrets)
    kind = CODES.get(code)
    if kind == "accepted":
        return Answer(kind=kind)
    if kind == "credentials" and SKEW.search(f"{code} {message}"):
        detail += " (this machine's clock is not the service's)"
    return Answer(kind=kind or _by_status(code, status), detail=detail)


def _by_status(code: str, status: int) -> Kind:
    """The kind of an error whose name says nothing here; events are not given up for it."""
    if status == TOO_MANY_REQUESTS:
        return "throttled"
    if status == REQUEST_TOO_LARGE:
        return "invalid"
    if status >= SERVER_ERRORS:
        return "unavailable"
    # Where no error is named in the body, the SDK gives the status for its name.
    return "endpoint" if not code or code.isdigit() else "unavailable"


def no_credentials_detail(error: Exception, secrets: Iterable[str] = ()) -> str:
    """Why there are no credentials.

    Of a program or a file that should give them only the exception's name and the provider are
    said: what the program printed, or the line that could not be read, may hold a secret.
    """
    from botocore import exceptions  # noqa: PLC0415 - an extra

    name = type(error).__name__
    if isinstance(error, exceptions.CredentialRetrievalError):
        return f"{name}: the provider {error.kwargs.get('provider')!r} gave no credentials"
    if isinstance(error, exceptions.ConfigParseError):
        return f"{name}: {error.kwargs.get('path')} cannot be read"
    if isinstance(error, exceptions.BotoCoreError):
        return told(name, str(error), secrets)
    return f"{name} while credentials were looked for"


def told(name: str, message: str, secrets: Iterable[str] = ()) -> str:
    """``name: message`` on one short line, without these secrets and without a URL's password.

    A refused signature is explained by the service with all signed headers, the session token
    among them: of such a message only the beginning is kept.
    """
    message = message.partition("The Canonical String")[0]
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        message = message.replace(secret, "***")
    message = re.sub(r"//[^/@\s]*@", "//***@", message)
    line = " ".join(f"{name}: {message}".split()).removesuffix(":")
    return line if len(line) <= DETAIL_MOST else line[: DETAIL_MOST - 1] + "…"
