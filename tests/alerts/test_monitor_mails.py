"""A monitor's mail is an alert, whichever monitor wrote it; any other mail is none."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdesk.alerts.payload import read
from sdesk.errors import Invalid
from sdesk.rules.alarm import is_monitor, senders
from sdesk.rules.alarm_mail import recognise
from tests.alerts import samples
from tests.each import each


class Mail(NamedTuple):
    subject: str
    text: str


ICINGA_2 = """***** Icinga 2 Service Monitoring on mon1 *****

==> Disk /var on db1.example is {state}! <==

Info:    DISK {state} - 3 % free

When:    2026-11-22 10:00:00 +0100
Service: Disk /var (Display Name: "Disk /var")
Host:    db1.example (Display Name: "db1")
IPv4:    10.0.0.7"""
NAGIOS = """***** Nagios *****

Notification Type: {kind}

Service: Disk /var
Host: db1
Address: 10.0.0.7
State: {state}

Date/Time: Sun Nov 22 10:00:00 CET 2026

Additional Info:

DISK {state} - 3 % free
"""
HOST = """***** Icinga *****

Notification Type: {kind}

Host: db1
Address: 10.0.0.7
State: {state}

Date/Time: 2026-11-22 10:00:00 +0100

Additional Info: PING {state}
"""
CHECKMK = """Host:     db1 (db1.example)
Service:  CPU load
Event:    {event}
Address:  10.0.0.7
Date / Time: Sun Nov 22 10:00:00 CET 2026
Summary:  15 min load: 9.8
"""
ZABBIX = """Problem started at 10:00:00 on 2026.11.22
Problem name: Disk is full
Host: db1
Severity: High
Operational data: 98 %
Original problem ID: 4711
"""

MAILS = (
    # subject, text, source, key, state, severity
    ("[PROBLEM] Disk /var on db1.example is CRITICAL!", ICINGA_2.format(state="CRITICAL"), "icinga", "db1.example!Disk /var", "down", "critical"),
    ("[RECOVERY] Disk /var on db1.example is OK!", ICINGA_2.format(state="OK"), "icinga", "db1.example!Disk /var", "up", ""),
    ("[PROBLEM] Disk /var on db1.example is OK!", ICINGA_2.format(state="OK"), "icinga", "db1.example!Disk /var", "up", ""),
    ("[PROBLEM] Host db1 is DOWN!", "db1 is DOWN!", "icinga", "db1", "down", "down"),
    ("[RECOVERY] Host db1 is UP!", "db1 is UP!", "icinga", "db1", "up", ""),
    ("PROBLEM - db1 - CPU Load is WARNING", NAGIOS.format(kind="PROBLEM", state="WARNING"), "icinga", "db1!Disk /var", "down", "warning"),
    ("PROBLEM - db1 - CPU Load is WARNING", HOST.format(kind="RECOVERY", state="UP"), "icinga", "db1!CPU Load", "up", ""),
    ("RECOVERY - db1 is UP", HOST.format(kind="RECOVERY", state="UP"), "icinga", "db1", "up", ""),
    ("** PROBLEM Service Alert: db1/Disk /var is CRITICAL **", NAGIOS.format(kind="PROBLEM", state="CRITICAL"), "nagios", "db1!Disk /var", "down", "critical"),
    ("** RECOVERY Host Alert: db1 is UP **", HOST.format(kind="RECOVERY", state="UP"), "nagios", "db1", "up", ""),
    ("** ACKNOWLEDGEMENT Service Alert: db1/Disk /var is CRITICAL **", NAGIOS.format(kind="ACKNOWLEDGEMENT", state="CRITICAL"), "nagios", "db1!Disk /var", "ack", "critical"),
    ("Monitoring", NAGIOS.format(kind="PROBLEM", state="UNKNOWN"), "nagios", "db1!Disk /var", "down", "unknown"),
    ("Check_MK: db1/CPU load OK -> CRIT", CHECKMK.format(event="OK -> CRIT"), "checkmk", "db1!CPU load", "down", "crit"),
    ("Check_MK: db1/CPU load CRIT -> OK", CHECKMK.format(event="CRIT -> OK"), "checkmk", "db1!CPU load", "up", ""),
    ("Checkmk: db1 - UP -> DOWN", "Host: db1\nEvent: UP -> DOWN", "checkmk", "db1", "down", "down"),
    ("Problem: Disk is full", ZABBIX, "zabbix", "db1!Disk is full", "down", "high"),
    ("Resolved in 5m 2s: Disk is full", ZABBIX, "zabbix", "db1!Disk is full", "up", "high"),
    ("[FIRING:1] Ping (10.0.0.1 icmp major)", "Labels\n - alertname = Ping", "alertmanager", "mail!Ping (10.0.0.1 icmp major)", "down", ""),
    ("[RESOLVED] Ping (10.0.0.1 icmp major)", "Labels\n - alertname = Ping", "alertmanager", "mail!Ping (10.0.0.1 icmp major)", "up", ""),
    ("[FIRING:2, RESOLVED:1] Ping", "x", "alertmanager", "mail!Ping", "down", ""),
    ("[Alerting] CPU of web", "x", "grafana", "mail!CPU of web", "down", ""),
    ("[OK] CPU of web", "x", "grafana", "mail!CPU of web", "up", ""),
)  # fmt: skip


@each(("subject", "text", "source", "key", "state", "severity"), MAILS)
def test_a_monitors_mail_says_what_is_down_or_up(
    subject: str, text: str, source: str, key: str, state: str, severity: str
) -> None:
    found = recognise(Mail(subject, text))
    assert found is not None
    assert (found.source, found.key, str(found.state)) == (source, key, state)
    assert found.severity == severity
    assert found.title


def test_when_and_what_it_says_are_kept() -> None:
    found = recognise(Mail("[PROBLEM] Disk /var on db1.example is CRITICAL!", ICINGA_2.format(state="CRITICAL")))  # fmt: skip
    assert found is not None
    assert found.at == 1_795_338_000
    assert "3 % free" in found.text
    assert (found.host, found.service) == ("db1.example", "Disk /var")


@each(
    ("subject", "text"),
    [
        ("Printer jam", "The printer on floor 3 is down!"),
        ("Problem with my mouse", "Service: none\nHost: me"),
        ("Re: PROBLEM - db1 - CPU Load is WARNING", NAGIOS.format(kind="PROBLEM", state="WARNING")),
        ("AW: [PROBLEM] Host db1 is DOWN!", "> db1 is DOWN!"),
        ("Fwd: Problem: Disk is full", ZABBIX),
        ("[RECOVERY] of my files", "please"),
        ("", ""),
        ("PROBLEM - db1 is DOWN - please help", "I am desperate"),
    ],
)
def test_a_persons_mail_is_none(subject: str, text: str) -> None:
    assert recognise(Mail(subject, text)) is None


@each("kind", ["DOWNTIMESTART", "FLAPPINGSTART", "FLAPPINGSTOP"])
def test_downtimes_and_flapping_are_no_state(kind: str) -> None:
    assert recognise(Mail("Monitoring", NAGIOS.format(kind=kind, state="CRITICAL"))) is None


def test_mail_and_payload_of_one_monitor_are_one_alarm() -> None:
    by_mail = recognise(Mail("** PROBLEM Service Alert: db1/Disk /var is CRITICAL **", NAGIOS.format(kind="PROBLEM", state="CRITICAL")))  # fmt: skip
    (by_hand,) = read(samples.nagios().encode())
    assert by_mail is not None
    assert (by_mail.source, by_mail.key) == (by_hand.source, by_hand.key)


@each(
    ("address", "listed", "is_one"),
    [
        ("icinga@mon.example.org", "icinga@mon.example.org", True),
        ("Icinga@Mon.Example.ORG", "icinga@mon.example.org", True),
        ("icinga@mon.example.org", "mon.example.org", True),
        ("icinga@mon.example.org", "@mon.example.org, other.example", True),
        ("icinga@evil.example.org", "mon.example.org", False),
        ("icinga@sub.mon.example.org", "mon.example.org", False),
        ("icinga@mon.example.org.evil.example", "mon.example.org", False),
        ("mon.example.org", "mon.example.org", False),
        ("", "mon.example.org", False),
        ("icinga@mon.example.org", "", False),
    ],
)
def test_only_listed_senders_are_monitors(address: str, listed: str, is_one: bool) -> None:
    assert is_monitor(address, listed) is is_one


def test_the_list_of_senders_is_checked() -> None:
    assert senders("A@b.example, c.example") == ("a@b.example", "c.example")
    for wrong in ("nonsense", "a@b@c.example", "@"):
        with pytest.raises(Invalid, match="neither an address nor a domain"):
            senders(wrong)


@settings(max_examples=50, deadline=None)
@given(
    subject=st.text(max_size=80) | st.sampled_from([mail[0] for mail in MAILS]),
    text=st.text(max_size=200) | st.sampled_from([mail[1] for mail in MAILS]),
)
def test_no_mail_trips_it(subject: str, text: str) -> None:
    found = recognise(Mail(subject, text))
    assert found is None or (found.key and len(found.title) <= 200)


def test_no_mail_takes_long() -> None:
    """Linear work on the beginning of a mail: what is quadratic would not end today."""
    for subject in (
        "[PROBLEM] " + "a on b is " * 50_000,
        "*" * 500_000,
        "Checkmk: " + "a/" * 200_000,
    ):
        assert recognise(Mail(subject, "Host:" * 200_000 + "\n" * 200_000)) is None
