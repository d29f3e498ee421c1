"""The environment of a kernel whose client sent one, as Jupyter's own gateway client always does."""

from collections.abc import Iterable, Mapping

KEPT = frozenset(
    {
        "HOME",
        "HOSTNAME",
        "LANG",
        "LANGUAGE",
        "LD_LIBRARY_PATH",
        "LOGNAME",
        "PATH",
        "SHELL",
        "TMPDIR",
        "TZ",
        "USER",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "REQUESTS_CA_BUNDLE",
        "SSL_CERT_FILE",
    }
)
"""What a kernel inherits from the gateway beside what its client names."""

KEPT_PREFIXES = ("AWS_", "CUDA_", "LC_", "NVIDIA_", "SAGEMAKER_")


def kernel_environment(
    requested: Mapping[str, str],
    *,
    environ: Mapping[str, str],
    process_whitelist: Iterable[str] | None,
    request_whitelist: Iterable[str],
) -> dict[str, str]:
    """The environment of a kernel whose client sent one.

    Args:
        requested: the request's ``env``.
        environ: the gateway's own environment.
        process_whitelist: what the user configured to be inherited; None for this package's choice.
        request_whitelist: names that a client may set besides ``KERNEL_*``.
    """
    if process_whitelist is None:
        kept = {k: v for k, v in environ.items() if k in KEPT or k.startswith(KEPT_PREFIXES)}
    else:
        kept = {name: environ[name] for name in process_whitelist if name in environ}
    allowed = frozenset(request_whitelist)
    wanted = {k: v for k, v in requested.items() if k.startswith("KERNEL_") or k in allowed}
    return {"PATH": environ.get("PATH", ""), **kept, **wanted}


def is_environment(value: object) -> bool:
    """Whether a JSON value can be the environment of a process."""
    return (
        isinstance(value, dict)
        and all(
            isinstance(text, str) and "\0" not in text and _is_utf8(text)
            for text in (*value, *value.values())
        )
        and not any(not name or "=" in name for name in value)
    )


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
