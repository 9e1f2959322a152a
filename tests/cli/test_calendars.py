"""`calendar` and the files of calendars and policies, on the command line."""

from __future__ import annotations

import json

import pytest

from sdesk.desk import Desk

OFFICE = "Helsinki office"
pytestmark = pytest.mark.usefixtures("store")
ICS = """BEGIN:VCALENDAR
BEGIN:VEVENT
SUMMARY:Company day
DTSTART;VALUE=DATE:20270915
END:VEVENT
BEGIN:VEVENT
SUMMARY:Founders' day
DTSTART;VALUE=DATE:20100203
RRULE:FREQ=YEARLY
END:VEVENT
BEGIN:VEVENT
SUMMARY:Stand-up
DTSTART:20270915T080000Z
END:VEVENT
END:VCALENDAR
"""


def spec(sdesk, name: str = OFFICE):
    return json.loads(sdesk("calendar", "show", name, "--format", "json").out)


def test_calendars_are_listed_with_their_users(sdesk):
    assert any(
        line.startswith(f"{OFFICE}\t") and "desk" in line for line in sdesk("calendar").lines
    )


def test_a_year_shows_its_closed_days(sdesk):
    said = sdesk("calendar", "show", OFFICE, "--year", "2026")
    assert "  Thu 2026-12-24  closed" in said.lines
    assert "  Sat  closed" in said.lines
    assert sdesk("calendar", "show", "Helsinki ofice").status == 3


def test_due_counts_working_time(sdesk):
    said = sdesk("calendar", "due", OFFICE, "--from", "2026-12-23 15:00", "--for", "2h")
    assert said.out == "Mon 2026-12-28 09:00 Europe/Helsinki\n"
    said = sdesk("calendar", "due", OFFICE, "--from", "2026-12-21 10:00", "--for", "1bd end")
    assert said.out == "Tue 2026-12-22 16:00 Europe/Helsinki\n"
    assert sdesk("calendar", "due", OFFICE, "--for", "soon").status == 2


def test_a_file_makes_a_calendar_and_changes_it(sdesk, tmp_path):
    file = tmp_path / "night.toml"
    file.write_text('zone = "UTC"\n[hours]\nmon = [["22:00", "06:00"]]\n')
    assert sdesk("calendar", "check", str(file)).lines[0] == "night: in order"
    assert sdesk("calendar", "load", str(file)).out == "night\n"
    assert spec(sdesk, "night")["hours"] == {"mon": [["22:00", "06:00"]]}
    file.write_text(sdesk("calendar", "show", "night", "--toml").out.replace("06:00", "05:00"))
    assert "changed" in sdesk("calendar", "load", str(file)).err
    assert "was so already" in sdesk("calendar", "load", str(file)).err
    file.write_text('zone = "Mars/Olympus"\n[hours]\n')
    assert sdesk("calendar", "load", str(file)).status == 2
    assert sdesk("calendar", "load", str(tmp_path / "no.toml")).status == 2


def test_the_editor_changes_a_calendar_and_what_is_refused_is_kept(sdesk, tmp_path, monkeypatch):
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nsed -i 's/16:00/15:00/' \"$1\"\n")
    editor.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(editor))
    assert sdesk("calendar", "edit", OFFICE).status == 0
    assert spec(sdesk)["hours"]["mon"] == [["08:00", "15:00"]]
    editor.write_text('#!/bin/sh\necho nonsense > "$1"\n')
    said = sdesk("calendar", "edit", OFFICE)
    assert said.status == 2
    assert "Your text is kept in" in said.err


def test_a_change_counts_for_what_runs_and_says_so(sdesk, store):
    sdesk("new", "VPN", "--new-requester", "Mikko <mikko@acme.example>")
    with Desk.open(store) as desk:
        before = desk.read.clocks(1)
    said = sdesk("calendar", "holidays", OFFICE, "--country", "FI", "--years", "2040")
    assert "0 tickets changed" in said.err
    toml = sdesk("calendar", "show", OFFICE, "--toml").out.replace("16:00", "15:00")
    (store.parent / "office.toml").write_text(toml)
    said = sdesk("calendar", "load", str(store.parent / "office.toml"), "--name", OFFICE)
    assert "1 ticket changed; what has stopped keeps its verdict." in said.err
    with Desk.open(store) as desk:
        assert desk.read.clocks(1) != before
    assert sdesk("sla", "verify").status == 0


def test_one_day_is_set_and_a_holiday_switched_off(sdesk):
    assert sdesk("calendar", "day", OFFICE, "2026-12-24", "open").status == 0
    said = sdesk("calendar", "show", OFFICE, "--year", "2026")
    assert "  Thu 2026-12-24  08:00–16:00  (a holiday that is worked)" in said.lines
    sdesk("calendar", "day", OFFICE, "2026-12-23", "08:00-12:00")
    assert spec(sdesk)["exceptions"]["2026-12-23"] == [["08:00", "12:00"]]
    sdesk("calendar", "day", OFFICE, "2026-12-24", "weekly")
    assert list(spec(sdesk)["exceptions"]) == ["2026-12-23"]
    assert sdesk("calendar", "day", OFFICE, "tomorrow", "closed").status == 2


def test_holidays_come_from_a_country_and_from_a_file(sdesk, tmp_path):
    file = tmp_path / "days.ics"
    file.write_text(ICS)
    said = sdesk("calendar", "holidays", OFFICE, "--ics", str(file))
    assert "left out: Stand-up: it has a time of day" in said.err
    assert {"2027-09-15", "*-02-03"} < set(spec(sdesk)["holidays"])
    args = ("--country", "DE-BY", "--years", "2031", "--without", "2031-01-06", "--replace")
    assert sdesk("calendar", "holidays", OFFICE, *args).status == 0
    days = spec(sdesk)["holidays"]
    assert {day[:4] for day in days} == {"2031"}
    assert "2031-01-06" not in days
    assert sdesk("calendar", "holidays", OFFICE).status == 2
    assert sdesk("calendar", "holidays", OFFICE, "--country", "XX").status == 2


def test_a_calendar_is_given_to_a_queue_a_site_a_customer_or_the_desk(sdesk):
    sdesk("new", "VPN", "--new-requester", "Mikko <mikko@acme.example>")
    assert sdesk("calendar", "use", "24/7", "--queue", "network").status == 0
    assert sdesk("calendar", "use", "24/7", "--site", "Turku").status == 0
    assert sdesk("calendar", "use", "24/7").status == 0
    line = next(line for line in sdesk("calendar").lines if line.startswith("24/7"))
    assert all(word in line for word in ("desk", "queue:network", "site:Turku"))
    assert sdesk("calendar", "use", "none", "--queue", "network").status == 0
    assert sdesk("calendar", "use", "24/8").status == 3
    assert sdesk("calendar", "use", "24/7", "--queue", "netwrk").status == 3


def test_policies_make_a_round_trip_through_their_file(sdesk, tmp_path):
    file = tmp_path / "policies.toml"
    file.write_text(sdesk("sla", "policies").out)
    assert "That was so already" in sdesk("sla", "load", str(file)).err
    text = file.read_text().replace('"15m"', '"10m"')
    file.write_text(text)
    assert "saved the policy Critical" in sdesk("sla", "load", str(file)).err
    assert sdesk("sla", "policies").out == text
    found = json.loads(sdesk("sla", "policies", "--format", "json").out)
    assert found[0]["targets"][0]["budgets"]["1"] == "10m"


def test_a_file_of_policies_that_cant_be_is_refused_whole(sdesk, tmp_path):
    before = sdesk("sla", "policies").out
    file = tmp_path / "policies.toml"
    for text in (
        "policy = 5",
        '[[policy]]\nname = "A"\n[[policy.target]]\nkind = "respons"\nbudgets = { "*" = "1h" }',
        '[[policy]]\nname = "A"\nwhen = "colour:red"',
        '[[policy]]\nname = "A"\n[[policy]]\nname = "A"',
    ):
        file.write_text(text)
        assert sdesk("sla", "load", str(file)).status == 2, text
    file.write_text('[[policy]]\nname = "A"\ncalendar = "offce"')
    assert sdesk("sla", "load", str(file)).status == 3
    assert sdesk("sla", "policies").out == before


def test_another_calendar_for_a_queue_recomputes_what_runs(sdesk, tmp_path):
    sdesk("new", "VPN drops", "--queue", "network", "--requester", "")
    file = tmp_path / "night.toml"
    file.write_text('zone = "UTC"\n[hours]\nmon = [["22:00", "06:00"]]\n')
    sdesk("calendar", "load", str(file))
    assert "changed; what has stopped" in sdesk("queues", "set", "network", "calendar=night").err
    assert "changed;" not in sdesk("queues", "set", "network", "name=Net").err
    refused = sdesk("calendar", "drop", "night")
    assert (refused.status, "queue 'network'" in refused.err) == (1, True)
    sdesk("queues", "set", "network", "calendar=")
    assert sdesk("calendar", "drop", "night").out == "night\n"
    assert "night" not in sdesk("calendar").out
    assert sdesk("calendar", "drop", "night").status == 3


def test_a_dropped_policy_leaves_what_runs_to_the_next(sdesk):
    sdesk("new", "VPN drops")
    names = [
        policy["name"] for policy in json.loads(sdesk("sla", "policies", "--format", "json").out)
    ]
    for name in names:
        said = sdesk("sla", "drop", name)
        assert (said.status, said.out) == (0, f"{name}\n")
    assert sdesk("sla", "policies", "--format", "json").out == "[]\n"
    assert sdesk("sla", "verify").status == 0
    assert sdesk("sla", "drop", "Gold").status == 3
