"""Where a webhook may go: every form that an inside address can hide in, with a resolver of our own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from sdesk.errors import Refused, Usage
from sdesk.notify.address import checked, endpoint, networks
from tests.each import each

OUT = "93.184.215.14"


def names(**known: Sequence[str]) -> Callable[[str, int], Sequence[str]]:
    def resolve(host: str, _: int) -> Sequence[str]:
        return known.get(host.replace(".", "_"), [host])

    return resolve


@each(
    "url",
    [
        "https://169.254.169.254/latest/meta-data/", "https://127.0.0.1/", "https://127.1.2.3/",
        "https://0.0.0.0/", "https://10.0.0.5/", "https://172.16.0.1/", "https://192.168.1.1/",
        "https://100.64.0.1/", "https://192.0.0.192/", "https://198.18.0.1/", "https://224.0.0.1/",
        "https://240.0.0.1/", "https://255.255.255.255/", "https://100.100.100.200/",
        "https://[::1]/", "https://[::]/", "https://[fe80::1]/", "https://[fc00::1]/",
        "https://[fd00:ec2::254]/", "https://[ff02::1]/", "https://[fec0::1]/",
        "https://[2001::1]/", "https://[2001:db8::1]/", "https://[100::1]/",
    ],
)  # fmt: skip
def test_an_address_inside_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="inside"):
        checked(endpoint(url), resolve=names())


@each(
    "url",
    [
        "https://0x7f.1/", "https://0x7f000001/", "https://2130706433/", "https://017700000001/",
        "https://127.1/", "https://0177.0.0.1/", "https://1.1.1.0x1/", "https://127.0.0.1./",
        "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[::127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://[fe80::1%25eth0]/",
        "https://[::ffff:8.8.8.8]/", "https://user@example.org/", "https://a:b@example.org/",
        "https://example.org#@inside/", "https://exa mple.org/", "https://example.org\\@inside/",
        "https://example.org/a\r\nHost: inside", "https://-x.example/", "https://exa_mple..org/",
        "https:///path", "ftp://example.org/", "file:///etc/passwd", "gopher://example.org/",
        "javascript:alert(1)", "//example.org/", "example.org", "", "https://example.org:0/",
        "https://example.org:99999/", "https://example.org/ä", "https://[::1", "https://１２７.0.0.1/",
    ],
)  # fmt: skip
def test_what_hides_an_address_is_no_url(url: str) -> None:
    with pytest.raises((Usage, Refused)):
        checked(endpoint(url), resolve=names())


@each(
    "found",
    [
        ["127.0.0.1"], ["::1"], ["::ffff:127.0.0.1"], ["::ffff:10.0.0.1"], ["64:ff9b::a9fe:a9fe"],
        ["2002:a9fe:a9fe::1"], ["169.254.169.254"], ["fe80::1"], ["fe80::1%eth0"], ["::127.0.0.1"],
        [OUT, "10.0.0.1"], ["10.0.0.1", OUT], ["fd00::1", OUT], ["::ffff:0:127.0.0.1"], ["nonsense"],
    ],
)  # fmt: skip
def test_a_name_that_resolves_inside_is_refused_whole(found: list[str]) -> None:
    with pytest.raises(Refused):
        checked(endpoint("https://hook.example.org/"), resolve=names(hook_example_org=found))


def test_a_name_is_resolved_once_and_its_checked_address_is_what_counts() -> None:
    asked: list[str] = []

    def rebinding(host: str, _: int) -> list[str]:
        asked.append(host)
        return [OUT] if len(asked) == 1 else ["127.0.0.1"]

    where = endpoint("https://Hook.Example.org:8443/in?x=1")
    assert str(checked(where, resolve=rebinding)) == OUT
    assert asked == ["hook.example.org"]
    assert (where.authority, where.path) == ("hook.example.org:8443", "/in?x=1")


def test_outside_is_outside_by_both_versions() -> None:
    assert str(checked(endpoint(f"https://{OUT}/"), resolve=names())) == OUT
    v6 = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
    assert str(checked(endpoint(f"https://[{v6}]/"), resolve=names())) == v6
    mapped = names(hook_example_org=[f"::ffff:{OUT}"])
    assert str(checked(endpoint("https://hook.example.org/"), resolve=mapped)) == OUT
    assert endpoint("https://bücher.example/").host == "xn--bcher-kva.example"


def test_what_is_allowed_by_address_may_be_inside_and_without_tls() -> None:
    allow = networks(["10.0.0.5", "192.168.7.0/24"], "config.toml, line 3")
    for url in ("http://10.0.0.5/", "https://10.0.0.5/", "http://192.168.7.99:8080/"):
        assert checked(endpoint(url), allow, names())
    for url in ("http://10.0.0.6/", f"http://{OUT}/", "https://192.168.8.1/"):
        with pytest.raises(Refused):
            checked(endpoint(url), allow, names())
    inside = names(hook_example_org=["10.0.0.5", "10.0.0.6"])
    with pytest.raises(Refused, match=r"10\.0\.0\.6"):
        checked(endpoint("https://hook.example.org/"), allow, inside)


def test_an_allowed_address_that_is_none_is_named() -> None:
    with pytest.raises(Usage, match=r"line 3: 'intranet'"):
        networks(["intranet"], "config.toml, line 3")


def test_a_name_without_an_address_is_trouble_of_the_world() -> None:
    with pytest.raises(OSError, match="no address"):
        checked(endpoint("https://hook.example.org/"), resolve=names(hook_example_org=[]))
