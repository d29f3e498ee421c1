"""What is a secret in a text, and the text without it."""

import re
from collections.abc import Callable, Iterable

from .named import hide_named
from .places import decoded, hide_parameters, hide_userinfo
from .quoting import REPLACEMENT
from .shapes import hide_shapes
from .values import VALUE_CHARACTERS_LEAST, spellings

__all__ = ["REPLACEMENT", "Scrubber"]

_TELLING = (
    *("?", "&", "%", "//", "2|", "eyj", "bearer", "basic", "token", "auth", "pass", "pw"),
    *("secret", "cookie", "morsel", "xsrf", "csrf", "cred", "key", "tampering", "aws4"),
    *("jwt", "otp", "header", "glpat-", "sk-", "-u"),
)
"""A text without any of these, in lower case, holds no secret but a known value."""

_TELLING_WITH_BAR = ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "hf_")
"""The same, looked for only where there is a ``_`` at all: most lines have none."""

_DISTINCT_LENGTH = 8
"""From this length on a value is hidden inside of longer words too; below, ``test`` is in *latest*."""

_ENCODED_WORD = re.compile(r"""(?<![^\s"'<>?&=;])[^\s"'<>?&=;%]*%[^\s"'<>?&=;]*""")

Replace = Callable[[str], str]


class Scrubber:
    """Hides secrets in texts; immutable, so any thread may use it.

    Args:
        values: texts that are secret wherever they stand, in any usual spelling. Those of fewer than
            four characters are hidden only behind a telling name, like what nobody knows.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values = frozenset(values)
        known = {value for value in self._values if len(value) >= VALUE_CHARACTERS_LEAST}
        forms = {form for value in known for form in spellings(value)}
        self._forms = tuple(sorted(forms, key=len, reverse=True))
        self._replace: dict[str, Replace] = {form: _replacing(form) for form in self._forms}

    def knowing(self, values: Iterable[str]) -> "Scrubber":
        """One that hides these too; itself when it does already."""
        more = self._values.union(values)
        return self if more == self._values else Scrubber(more)

    def scrub(self, text: str) -> str:
        """The text with ``[secret]`` for each secret; the same object when there is none."""
        lowered = text.lower()
        for telling in _TELLING:
            if telling in lowered:
                return self._scrub(text)
        if "_" in lowered and any(telling in lowered for telling in _TELLING_WITH_BAR):
            return self._scrub(text)
        return self.hide_values(text)

    def scrub_source(self, text: str) -> str:
        """As ``scrub``, for lines of a program, where ``token = self.token`` is no secret."""
        return hide_named(self.hide_values(text), quoted_only=True)

    def hide_values(self, text: str) -> str:
        """Only the known values; the same object when there is none."""
        for form in self._forms:
            if form in text:
                text = self._replace[form](text)
        return text

    def _scrub(self, text: str, *, nested: bool = False) -> str:
        hidden = self.hide_values(text)
        hidden = hide_userinfo(hidden)
        if not nested:
            hidden = hide_parameters(hidden, self._scrub_decoded)
        else:
            hidden = hide_parameters(hidden, str)
        hidden = hide_shapes(hide_named(hidden))
        if "%" in hidden and not nested:
            hidden = self._hide_encoded(hidden)
        return text if hidden == text else hidden

    def _scrub_decoded(self, text: str) -> str:
        return self._scrub(text, nested=True)

    def _hide_encoded(self, text: str) -> str:
        """Known values in an unusual percent-encoding."""
        if self._is_known_in(decoded(text)):
            return _ENCODED_WORD.sub(self._without_value, text)
        return text

    def _without_value(self, match: "re.Match[str]") -> str:
        return REPLACEMENT if self._is_known_in(decoded(match[0])) else match[0]

    def _is_known_in(self, text: str) -> bool:
        return any(form in text and self._replace[form](text) != text for form in self._forms)


def _replacing(form: str) -> Replace:
    """What hides one spelling of a value, itself possibly a part of the replacement."""
    if len(form) >= _DISTINCT_LENGTH or not form.isalnum():
        sought = re.compile(re.escape(form))
    else:
        sought = re.compile(rf"(?:(?<![^\W_])|(?<=%[0-9A-Fa-f]{{2}})){re.escape(form)}(?![^\W_])")

    def replace(text: str) -> str:
        if form not in REPLACEMENT:
            return sought.sub(REPLACEMENT, text)
        return REPLACEMENT.join(sought.sub(REPLACEMENT, part) for part in text.split(REPLACEMENT))

    return replace
