"""Documents with a little of everything wrong: what a valid one becomes by a few random changes."""

import json
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

WORDS = (
    b"\x00",
    b"\n",
    b"\r\n",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\x1b]0;title\x07",
    "\u202e".encode(),
    b'"',
    b"\\ud800",
    b"\\u0000",
    b"null",
    b"NaN",
    b"-1e999",
    b"9" * 400,
    b"[" * 2000,
    b'{"a":' * 2000,
    b"{}",
    b"[]",
    b"&a [*a]",
    b"<<: *a",
    b"!!python/object:os.system",
    b"../" * 20,
    b"/" * 300,
    b"/dev/zero",
    b"~root",
    b"$(id)",
    b"%s%n",
    b"#!final",
)
"""What has troubled readers of text, JSON, YAML and paths."""

VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1 << 80,
    1e300,
    "",
    " ",
    "x" * 5000,
    "a\nb",
    "\x1b[31m\x00",
    "\u202e\ud800",
    "../../etc",
    "$(id)",
    "arn:aws:::::",
    [],
    [[[]]],
    ["a", None, 1],
    {},
    {"": ""},
    {"a\n\x1b": {"b": [1]}},
)
"""What may stand in JSON in the place of anything else."""


def documents(samples: Sequence[bytes], count: int, seed: int) -> Iterator[bytes]:
    """``count`` changed samples, always the same ones for the same ``seed``."""
    random = Random(seed)
    decoded = [value for value in map(_decoded, samples) if value is not None]
    for _ in range(count):
        if decoded and random.random() < 0.6:
            value = json.loads(json.dumps(random.choice(decoded)))
            for _ in range(random.randint(1, 4)):
                value = _replaced(value, random)
            yield json.dumps(value).encode()
        else:
            data = random.choice(samples)
            for _ in range(random.randint(1, 5)):
                data = _changed(data, samples, random)
            yield data


def _decoded(sample: bytes) -> Any:
    try:
        return json.loads(sample)
    except ValueError:
        return None


def _replaced(value: Any, random: Random) -> Any:
    """Another value somewhere in a JSON value, or another key, or one too many."""
    if not value or not isinstance(value, dict | list) or random.random() < 0.1:
        return random.choice(VALUES)
    if isinstance(value, list):
        place = random.randrange(len(value))
        return [*value[:place], _replaced(value[place], random), *value[place + 1 :]]
    key = random.choice(list(value))
    if random.random() < 0.2:
        other = random.choice([key.lower(), key + " ", f"{key}\n\x1b[0m", ""])
        return {**value, other: value[key]}
    return {**value, key: _replaced(value[key], random)}


def _changed(data: bytes, samples: Sequence[bytes], random: Random) -> bytes:
    begin, end = sorted(random.randint(0, len(data)) for _ in range(2))
    changes = (
        data[:begin] + random.randbytes(random.randint(1, 4)) + data[begin + 1 :],
        data[:begin] + data[end:],
        data[:end],
        data[:end] + data[begin:end] + data[end:],
        data[:begin] + random.choice(samples)[begin:],
        data[:begin]
        + bytes(b ^ 1 << random.randrange(8) for b in data[begin : begin + 1])
        + data[begin + 1 :],
        data[:begin] + random.choice(WORDS) + data[begin:],
    )
    return random.choice(changes)
