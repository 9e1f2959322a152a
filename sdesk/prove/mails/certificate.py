"""A certificate for localhost, made on the spot with nothing but the standard library.

For a server on this host that lives for a proof: the curve's arithmetic here is plain and takes no
care to hide the key from a watch. For nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import time
from collections.abc import Iterable
from pathlib import Path

# The curve P-256 (FIPS 186-4): y² = x³ − 3x + b over the field of `_P`, of order `_N`.
_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
Point = tuple[int, int] | None

_SHA256_ECDSA = (1, 2, 840, 10045, 4, 3, 2)
_PUBLIC_KEY, _CURVE = (1, 2, 840, 10045, 2, 1), (1, 2, 840, 10045, 3, 1, 7)
_COMMON_NAME, _OTHER_NAMES, _CONSTRAINTS = (2, 5, 4, 3), (2, 5, 29, 17), (2, 5, 29, 19)
DAYS = 2


def certificate(folder: Path, host: str = "localhost") -> Path:
    """Make one that is good for two days; the file that holds it and its key, for this user alone."""
    key = secrets.randbelow(_N - 1) + 1
    public = _times(key, _G)
    assert public is not None
    point = b"\4" + public[0].to_bytes(32, "big") + public[1].to_bytes(32, "big")
    body = _body(host, point, int(time.time()))
    signed = _sequence(body, _sequence(_oid(_SHA256_ECDSA)), _bits(_signature(key, body)))
    private = _sequence(
        _integer(1), _tag(0x04, key.to_bytes(32, "big")), _tag(0xA0, _oid(_CURVE)), _tag(0xA1, _bits(point)),
    )  # fmt: skip
    made = folder / "server.pem"
    made.touch(mode=0o600)
    made.write_text(_pem("CERTIFICATE", signed) + _pem("EC PRIVATE KEY", private))
    return made


def _body(host: str, point: bytes, now: int) -> bytes:
    name = _sequence(_tag(0x31, _sequence(_oid(_COMMON_NAME), _tag(0x0C, host.encode()))))
    # An hour back: another clock may be a little behind.
    lives = _sequence(_time(now - 3_600), _time(now + DAYS * 86_400))
    key = _sequence(_sequence(_oid(_PUBLIC_KEY), _oid(_CURVE)), _bits(point))
    more = _sequence(
        _sequence(_oid(_OTHER_NAMES), _tag(0x04, _sequence(_tag(0x82, host.encode())))),
        _sequence(_oid(_CONSTRAINTS), _tag(0x01, b"\xff"), _tag(0x04, _sequence(_tag(0x01, b"\xff")))),
    )  # fmt: skip
    serial = _integer(int.from_bytes(os.urandom(8), "big") | 1)
    return _sequence(
        _tag(0xA0, _integer(2)), serial, _sequence(_oid(_SHA256_ECDSA)), name, lives, name, key,
        _tag(0xA3, more),
    )  # fmt: skip


# The curve


def _plus(one: Point, other: Point) -> Point:
    if one is None or other is None:
        return one or other
    if one[0] == other[0]:
        if (one[1] + other[1]) % _P == 0:
            return None
        slope = (3 * one[0] * one[0] - 3) * pow(2 * one[1], -1, _P)
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, _P)
    x = (slope * slope - one[0] - other[0]) % _P
    return x, (slope * (one[0] - x) - one[1]) % _P


def _times(number: int, point: Point) -> Point:
    found: Point = None
    while number:
        if number & 1:
            found = _plus(found, point)
        point, number = _plus(point, point), number >> 1
    return found


def _signature(key: int, message: bytes) -> bytes:
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    while True:
        once = secrets.randbelow(_N - 1) + 1
        point = _times(once, _G)
        assert point is not None
        r = point[0] % _N
        s = pow(once, -1, _N) * (digest + r * key) % _N
        if r and s:
            return _sequence(_integer(r), _integer(s))


# DER: a tag, a length, what is inside


def _tag(tag: int, inside: bytes) -> bytes:
    size = len(inside)
    if size < 128:
        return bytes([tag, size]) + inside
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 128 | len(length)]) + length + inside


def _sequence(*parts: bytes) -> bytes:
    return _tag(0x30, b"".join(parts))


def _integer(number: int) -> bytes:
    return _tag(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _bits(inside: bytes) -> bytes:
    return _tag(0x03, b"\0" + inside)


def _oid(numbers: Iterable[int]) -> bytes:
    first, second, *rest = numbers
    made = bytearray([first * 40 + second])
    for number in rest:
        parts = [number & 127]
        while number := number >> 7:
            parts.append(number & 127 | 128)
        made += bytes(reversed(parts))
    return _tag(0x06, bytes(made))


def _time(at: int) -> bytes:
    return _tag(0x18, time.strftime("%Y%m%d%H%M%SZ", time.gmtime(at)).encode())


def _pem(what: str, inside: bytes) -> str:
    text = base64.encodebytes(inside).decode()
    lines = text.replace("\n", "")
    cut = "\n".join(lines[at : at + 64] for at in range(0, len(lines), 64))
    return f"-----BEGIN {what}-----\n{cut}\n-----END {what}-----\n"
