"""One POST over HTTP: to an address that was checked, within a time, with nothing followed or believed.

Written out by hand because the libraries follow redirects, ask the environment for proxies, resolve
names again, or wait for as long as a server keeps sending a byte now and then.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from sdesk.credentials import redacted
from sdesk.text import clean_line, cut

if TYPE_CHECKING:
    from sdesk.notify.address import Address, Endpoint

CONNECT = 5.0
"""Seconds for a connection to stand."""
WHOLE = 15.0
"""Seconds for all of it."""
MOST = 8_192
"""Bytes of an answer that are read; the rest is left."""
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)(?: ([^\r\n]{0,200}))?\r?\n")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")
_VALUE = re.compile(r"[\x20-\x7e]{0,2000}")


class Answer(NamedTuple):
    """What a server said."""

    status: int
    said: str
    """The beginning of its words, cleaned."""


class NoAnswer(Exception):
    """Nothing that can be understood came back; the sentence says why."""


def post(
    where: Endpoint,
    address: Address,
    body: bytes,
    headers: Mapping[str, str],
    *,
    context: ssl.SSLContext | None = None,
    whole: float = WHOLE,
) -> Answer:
    """Send the body to that address, as the host of the endpoint. Raises `NoAnswer`.

    The certificate must be the host's; a redirect is an answer like any other.
    """
    until = monotonic() + whole
    request = head(where, len(body), headers) + body
    try:
        with closing(_connected(where, address, context, until)) as line:
            _send(line, request, until)
            return _answer(_receive(line, until))
    except ssl.SSLCertVerificationError as error:
        raise NoAnswer(f"its certificate is not believed: {error.verify_message}") from None
    except TimeoutError:
        raise NoAnswer(f"no answer within {whole:g} s") from None
    except OSError as error:
        raise NoAnswer(clean_line(error.strerror or str(error)) or "the line broke") from None


def head(where: Endpoint, length: int, headers: Mapping[str, str]) -> bytes:
    """The request's first lines. Raises ValueError for a header that would be two."""
    lines = [f"POST {where.path} HTTP/1.1", f"Host: {where.authority}"]
    own = {"Content-Length": str(length), "Connection": "close", "Accept-Encoding": "identity"}
    for name, value in {**headers, **own}.items():
        if not _HEADER.fullmatch(name) or not _VALUE.fullmatch(value):
            raise ValueError(f"'{name}' is no header that can be sent.")
        lines.append(f"{name}: {value}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def _connected(
    where: Endpoint, address: Address, context: ssl.SSLContext | None, until: float
) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    line = socket.socket(family, socket.SOCK_STREAM)
    try:
        line.settimeout(min(CONNECT, _left(until)))
        line.connect((str(address), where.port))
        if where.scheme == "https":
            context = context or ssl.create_default_context()
            return context.wrap_socket(line, server_hostname=where.host)
    except BaseException:
        line.close()
        raise
    return line


def _left(until: float) -> float:
    if (left := until - monotonic()) <= 0:
        raise TimeoutError
    return left


def _send(line: socket.socket, request: bytes, until: float) -> None:
    view = memoryview(request)
    while view:
        line.settimeout(_left(until))
        view = view[line.send(view[:65_536]) :]


def _receive(line: socket.socket, until: float) -> bytes:
    """The answer, as far as it is wanted: until its end, or as much as anybody reads of it."""
    got = bytearray()
    while len(got) < MOST and not _is_whole(bytes(got)):
        line.settimeout(_left(until))
        try:
            piece = line.recv(MOST - len(got))
        except TimeoutError:
            if _STATUS.match(got) and b"\r\n\r\n" in got:
                break  # It has answered; only its words are late.
            raise
        if not piece:
            break
        got += piece
    return bytes(got)


def _is_whole(got: bytes) -> bool:
    """Whether nothing more need be waited for: a good status, or as many bytes as it promised."""
    before, blank, after = got.partition(b"\r\n\r\n")
    found = _STATUS.match(before + b"\r\n")
    if not blank or found is None:
        return False
    if found[1].startswith(b"2"):
        return True
    length = re.search(rb"(?i)\r\ncontent-length:[ \t]*(\d{1,9})[ \t]*(?:\r\n|$)", before)
    return length is not None and len(after) >= int(length[1])


def _answer(got: bytes) -> Answer:
    before, _, after = got.partition(b"\r\n\r\n")
    if (found := _STATUS.match(before + b"\r\n")) is None:
        raise NoAnswer("the answer is not HTTP" if got else "the line was closed without an answer")
    words = after.decode("utf-8", "replace") or (found[2] or b"").decode("ascii", "replace")
    return Answer(int(found[1]), cut(redacted(clean_line(words)), 120))


Post = Callable[..., Answer]
