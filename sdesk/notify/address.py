"""Where a webhook may go: an address outside, or one that is allowed by name; checked once, then kept to.

A name is resolved once, every address it has is checked, and the connection goes to the checked one,
so that a name that resolves to something else a moment later leads nowhere.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from ipaddress import IPv4Network as V4
from typing import NamedTuple
from urllib.parse import urlsplit

from sdesk.errors import Refused, Usage

Address = IPv4Address | IPv6Address
Network = V4 | IPv6Network
Resolve = Callable[[str, int], Sequence[str]]
"""Host and port → its addresses as text. Raises `OSError`."""

PORTS = {"https": 443, "http": 80}
_UNWANTED = re.compile(r"[\x00-\x20\x7f-\xa0\\<>\"^`{|}]")
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.(?!-)[a-z0-9_-]{1,63})*\.?")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)")
_CARRIERS = (
    # IPv6 addresses that carry an IPv4 one: which, and how many bits follow it.
    (ip_network("::ffff:0:0/96"), 0), (ip_network("::ffff:0:0:0/96"), 0), (ip_network("::/96"), 0),
    (ip_network("64:ff9b::/96"), 0), (ip_network("64:ff9b:1::/48"), 0), (ip_network("2002::/16"), 80),
)  # fmt: skip
_NEVER = tuple(
    map(
        ip_network,
        ("2001::/32", "3fff::/20", "fec0::/10", "100::/64", "192.88.99.0/24", "192.0.0.0/24"),
    )
)
"""Teredo, documentation, site-local, discard, the old 6to4 relays, protocol assignments."""


class Endpoint(NamedTuple):
    """A URL taken apart."""

    scheme: str
    host: str
    """Lower case, as it stands in a certificate; an IPv6 address without its brackets."""
    port: int
    path: str
    """With its query; never empty."""

    @property
    def authority(self) -> str:
        """The `Host` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def endpoint(url: str) -> Endpoint:
    """Take a URL apart. Raises `Usage` for what is none, or is written in a way that hides something."""
    if _UNWANTED.search(url) or len(url) > 2_000:
        raise Usage("The URL holds a character that none has.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Usage("The URL can't be read.", "For example: https://example.org/hook") from None
    scheme = parts.scheme.lower()
    if scheme not in PORTS or not parts.hostname:
        raise Usage("The URL is not one of https.", "For example: https://example.org/hook")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Usage("The URL has a user or a fragment, which a webhook's has not.")
    if port == 0:
        raise Usage("The URL has the port 0.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii():
        raise Usage("The path of the URL has characters that must be written as %XX.")
    return Endpoint(scheme, _host(parts.hostname), port or PORTS[scheme], path)


def _host(host: str) -> str:
    """The host as a plain name or a plain address."""
    host = host.lower()
    if ":" in host:
        try:
            address = ip_address(host)
        except ValueError:
            raise Usage(f"'{host[:80]}' is no address.") from None
        if "%" in host or _carried(address) is not None:
            raise Usage(f"'{host[:80]}' is an address in disguise.", "Write it plainly.")
        return str(address)
    try:
        name = host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        raise Usage(f"'{host[:80]}' is no host name.") from None
    # What ends in a number is an address to most programs, in decimal, octal or hexadecimal.
    if _NUMBER.fullmatch(name.rstrip(".").rpartition(".")[2]):
        try:
            return str(IPv4Address(name))
        except ValueError:
            raise Usage(
                f"'{name[:80]}' is an address in disguise.", "Write it as four numbers."
            ) from None
    if len(name) > 253 or not _NAME.fullmatch(name):
        raise Usage(f"'{name[:80]}' is no host name.")
    return name.rstrip(".")


def networks(texts: Iterable[str], place: str) -> tuple[Network, ...]:
    """Addresses and networks that are allowed although they are inside. Raises `Usage`."""
    found: list[Network] = []
    for text in texts:
        try:
            found.append(ip_network(text))
        except ValueError:
            raise Usage(
                f"{place}: '{text}' in 'allow' is no address.", "Write '10.0.0.5' or '10.0.0.0/24'."
            ) from None
    return tuple(found)


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host, as this machine finds them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked(where: Endpoint, allow: Sequence[Network] = (), resolve: Resolve = resolved) -> Address:
    """The address to connect to. Raises `Refused`, and `OSError` where the name can't be resolved.

    One forbidden address among a name's refuses them all: which one is asked must not be chance.
    """
    try:
        texts = resolve(where.host, where.port)
    except UnicodeError:
        raise OSError("the name can't be resolved") from None
    if not texts:
        raise OSError("the name has no address")
    found = [_read(text) for text in texts]
    for address in found:
        is_allowed = any(address in network for network in allow)
        if not is_allowed and not is_outside(address):
            raise Refused(
                f"{where.host} is at {address}, which is inside.",
                f"Where it is meant: allow = ['{address}']",
            )
        if where.scheme == "http" and not is_allowed:
            raise Refused(
                f"http without TLS goes to allowed addresses only, not to {where.host}.",
                f"Use https, or: allow = ['{address}']",
            )
    return found[0]


def _read(text: str) -> Address:
    try:
        address = ip_address(text)
    except ValueError:
        raise Refused("The name resolves to something that is no address.") from None
    carried = _carried(address)
    mapped = isinstance(address, IPv6Address) and address.ipv4_mapped is not None
    return carried if carried is not None and mapped else address


def _carried(address: Address) -> IPv4Address | None:
    """The IPv4 address inside an IPv6 one, where it is of a kind that has one."""
    if isinstance(address, IPv4Address):
        return None
    for network, after in _CARRIERS:
        if address in network and int(address) > 1:
            return IPv4Address((int(address) >> after) & 0xFFFF_FFFF)
    return None


def is_outside(address: Address) -> bool:
    """Whether it is an address of the public Internet, to the last detail."""
    if (carried := _carried(address)) is not None and not is_outside(carried):
        return False
    if getattr(address, "scope_id", None) or any(address in network for network in _NEVER):
        return False
    if address in ip_network("64:ff9b::/96") or address in ip_network("2002::/16"):
        return True
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )
