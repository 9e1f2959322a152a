"""What monitors send is read as alerts, whoever they are; and what nobody should send is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sdesk.alerts.bounded import DEPTH, MOST, instant
from sdesk.alerts.payload import SOURCES, read
from sdesk.errors import Invalid, Usage
from sdesk.rules.alarm import Alert, AlertState
from tests.alerts import samples
from tests.alerts.samples import PAIRS, Pair, alertmanager, bytes_of
from tests.each import each


@each("pair", PAIRS, ids=lambda pair: pair.name)
def test_down_and_up_are_of_one_thing(pair: Pair) -> None:
    (down,), (up,) = read(pair.down), read(pair.up)
    assert (down.state, up.state) == (AlertState.DOWN, AlertState.UP)
    assert (down.source, down.key) == (up.source, up.key)
    assert down.source == pair.source
    assert down.title
    assert down.key


def test_alertmanager_says_what_where_and_since_when() -> None:
    first, second = read(bytes_of(alertmanager("firing", "10.0.0.1", "10.0.0.2")))
    assert first.key != second.key
    assert first.title == "10.0.0.1 is away"
    assert (first.host, first.service, first.severity) == ("10.0.0.1", "icmp", "major")
    assert first.text.splitlines()[0] == "10.0.0.1 does not answer"
    assert first.at == 1_795_338_000
    assert first.labels["alertname"] == "Ping"


def test_alertmanagers_fingerprint_does_not_decide_who_it_is() -> None:
    plain = alertmanager()
    marked = json.loads(json.dumps(plain))
    marked["alerts"][0]["fingerprint"] = "c0ffee"
    assert read(bytes_of(plain))[0].key == read(bytes_of(marked))[0].key


def test_a_mixed_group_has_some_of_each() -> None:
    group = alertmanager("firing", "10.0.0.1", "10.0.0.2")
    group["alerts"][1]["status"] = "resolved"
    group["alerts"][1]["endsAt"] = "2026-11-22T09:05:00+02:00"
    first, second = read(bytes_of(group))
    assert (first.state, second.state) == ("down", "up")
    assert second.at == 1_795_338_000 + 5 * 60 - 2 * 3600


@each(
    ("payload", "severity", "host"),
    [
        (bytes_of(samples.zabbix()), "high", "db1"),
        (bytes_of(samples.zabbix(event_severity="", event_nseverity="5")), "disaster", "db1"),
        (samples.nagios().encode(), "critical", "db1"),
        (bytes_of(samples.icinga()), "critical", "db1"),
        (bytes_of(samples.grafana()), "high", "web1"),
    ],
)
def test_severity_and_host_are_found(payload: bytes, severity: str, host: str) -> None:
    (found,) = read(payload)
    assert (found.severity, found.host) == (severity, host)


@each(
    "payload",
    [
        bytes_of(samples.zabbix(event_update_status="1", event_update_action="acknowledged")),
        samples.nagios("ACKNOWLEDGEMENT").encode(),
        bytes_of(samples.icinga("ACKNOWLEDGEMENT")),
        bytes_of({"key": "x", "state": "acknowledged", "title": "x"}),
    ],
)
def test_an_acknowledgement_is_one(payload: bytes) -> None:
    assert [found.state for found in read(payload)] == ["ack"]


@each(
    "payload",
    [
        samples.nagios("DOWNTIMESTART").encode(),
        samples.nagios("FLAPPINGSTOP", "OK").encode(),
        bytes_of(samples.grafana("paused")),
        bytes_of(alertmanager(alerts=[])),
        b"[]",
    ],
)
def test_what_is_no_news_is_nothing(payload: bytes) -> None:
    assert read(payload) == []


def test_placeholders_that_nobody_filled_in_are_empty() -> None:
    (found,) = read(bytes_of(samples.zabbix(host_name="{HOST.NAME}", event_opdata="*UNKNOWN*")))
    assert found.host == ""
    assert "UNKNOWN" not in found.text


def test_payloads_in_an_envelope_are_taken_out() -> None:
    found = read(bytes_of({"one": {"payload": {"title": "A", "severity": "low"}}, "two": {"payload": {"title": "B", "level": "p1"}}}))  # fmt: skip
    assert [one.title for one in found] == ["A", "B"]


def test_an_event_without_a_state_is_down() -> None:
    (found,) = read(bytes_of({"message": "New package", "severity": "info", "created_at": "2026-11-22T09:00:00Z"}))  # fmt: skip
    assert (found.source, found.state, found.title) == ("generic", "down", "New package")


def test_the_source_that_is_said_counts_where_it_cannot_be_seen() -> None:
    assert read(samples.nagios().encode(), "icinga")[0].source == "icinga"
    assert read(bytes_of(alertmanager()), "zabbix")[0].source == "alertmanager"


def test_nobody_speaks_as_the_desks_own_storms() -> None:
    payload = bytes_of({"source": "storm", "key": "all", "state": "up", "title": "x"})
    assert read(payload)[0].source == "generic"


REFUSED = (
    (b"", "is empty"),
    (b"   \n", "is empty"),
    (b"\xff\xfe{}", "is not UTF-8: byte 1"),
    (b'{"a": }', "line 1, column 7"),
    (b'{"state": "down",\n"title" "x"}', "line 2, column 9"),
    (b'{"state": NaN}', "NaN is no number"),
    (b'{"state": -Infinity}', "-Infinity is no number"),
    (b'{"value": 1e400}', "out of all bounds"),
    (b'{"value": ' + b"7" * 5_000 + b"}", "5,000 digits"),
    (b'{"state": "up", "state": "down"}', "'state' stands twice"),
    (b"[" * 100_000, "nested deeper"),
    (b"[" * (DEPTH + 2) + b"]" * (DEPTH + 2), "nested deeper"),
    (b" " * (MOST + 1), f"{MOST:,} are the most"),
    (b'"a text"', "neither JSON nor variables"),
    (b"[1, 2]", "[0] is neither an object"),
    (b"{}", "of no form that the desk knows"),
    (b'{"hello": "world"}', "of no form that the desk knows"),
    (b"hello world", "neither JSON nor variables"),
    (b"A=1\nB=2", "neither JSON nor variables"),
    (bytes_of({"title": "x", "state": "purple"}), "'purple' is neither down nor up"),
    (bytes_of(alertmanager("firing") | {"alerts": [7]}), "alerts[0] is no object"),
    (bytes_of(alertmanager("purple")), "alerts[0].status is 'purple'"),
    (bytes_of(alertmanager("firing") | {"alerts": [{"status": "firing"}]}), "alerts[0].labels"),
    (bytes_of(samples.zabbix("7")), "neither PROBLEM nor RESOLVED"),
    (bytes_of(samples.icinga(state=9)), "check_result.state"),
    (bytes_of({"event": "created", "model": "site", "snapshots": {}}), "NetBox"),
    (bytes_of({"Type": "SubscriptionConfirmation", "Message": "x"}), "SNS"),
)


@each(("payload", "words"), REFUSED)
def test_what_cannot_be_read_is_refused_with_its_place(payload: bytes, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(payload, place="here.json")
    assert words in refused.value.message
    assert refused.value.message.startswith("here.json")
    assert len(str(refused.value)) < 600


def test_an_unknown_source_is_named_with_the_nearest() -> None:
    with pytest.raises(Usage, match="Did you mean 'nagios'"):
        read(b"{}", "nagyos")
    assert "alertmanager" in SOURCES


def test_every_text_is_clean_and_bounded() -> None:
    evil = "\x1b]52;c;x\x07<b>${7*7}[red]\u202e" + "A" * 3_000
    group = alertmanager("firing", evil)
    group["alerts"][0]["labels"] |= {f"{evil[:20]}{n}": evil for n in range(500)}
    group["alerts"][0]["annotations"] = {"summary": evil, "description": evil}
    (found,) = read(bytes_of(group))
    everything = json.dumps(found)
    assert "\\u001b" not in everything
    assert "\\u202e" not in everything
    assert len(found.labels) <= 64
    assert len(found.title) <= 500
    assert len(found.key) <= 200
    assert len(everything) < 100_000


@each(
    ("text", "at"),
    [
        ("0001-01-01T00:00:00Z", None),
        ("2026-11-22T09:00:00.123456789Z", 1_795_338_000),
        ("2026-11-22 10:00:00 +0100", 1_795_338_000),
        ("2026.11.22 09:00:00 UTC", 1_795_338_000),
        ("2026-02-30T09:00:00Z", None),
        ("2026-11-22 09:00:00", None),
        ("9999-12-31T00:00:00Z", None),
        (1_795_338_000, 1_795_338_000),
        (1_795_338_000_123, 1_795_338_000),
        ("1795338000", 1_795_338_000),
        (1e300, None), (True, None), ([], None), ("yesterday", None), (-5, None),
    ],
)  # fmt: skip
def test_instants_are_read_where_they_mean_one(text: object, at: int | None) -> None:
    assert instant(text) == at


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(("firing", "resolved", "down", "OK", "PROBLEM", "1", "0", "{HOST.NAME}")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
PLACES = [json.loads(pair.down) for pair in PAIRS if pair.down[:1] in b"[{"]


def _spots(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()  # fmt: skip
    return [path, *(spot for name, one in inside for spot in _spots(one, (*path, name)))]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_stands_in_a_payload_it_is_read_or_refused(data: st.DataObject) -> None:
    payload = json.loads(json.dumps(data.draw(st.sampled_from(PLACES))))
    spots = [spot for spot in _spots(payload) if spot]
    for _ in range(data.draw(st.integers(1, 3))):
        *above, last = data.draw(st.sampled_from(spots))
        where = payload
        for name in above:
            where = where[name] if isinstance(where, dict | list) and _has(where, name) else None
        if isinstance(where, dict) or (isinstance(where, list) and _has(where, last)):
            where[last] = data.draw(JSON)
    try:
        found = read(json.dumps(payload).encode())
    except Invalid:
        return
    for one in found:
        assert isinstance(one, Alert)
        assert one.key
        assert len(one.key) <= 240
        assert all(isinstance(text, str) for text in (one.title, one.text, one.severity, one.host))


def _has(where: Any, name: Any) -> bool:
    return name in where if isinstance(where, dict) else isinstance(name, int) and name < len(where)


@settings(max_examples=50, deadline=None)
@given(payload=st.binary(max_size=200))
@example(b"A=" * 50)
@example(b'{"notification_type": [], "host_name": {}}')
def test_whatever_bytes_come_they_are_read_or_refused(payload: bytes) -> None:
    try:
        read(payload)
    except Invalid:
        return


def test_the_longest_payloads_cost_little() -> None:
    """None of these is more than linear work: what is quadratic would not end today."""
    for payload in (
        bytes_of(alertmanager("firing", *(f"10.0.{n // 250}.{n % 250}" for n in range(1_000)))),
        b'{"a":"' + b"\\u001b[" * 300_000 + b'"}',
        b"A=" + b"1\n" * 1_000_000,
        b"{" * 1_000_000,
        b'["' * 1_000_000,
    ):
        try:
            assert read(payload)
        except Invalid:
            continue
