"""Letters that follow from an act: solved and asked to confirm, closed, the survey, reminders.

They are written in the act's own transaction and leave when it can be taken back no longer. What
takes the ticket out of the state again takes them back, as far as they have not left. Loaded only
where the desk has an address to write from.
"""

from __future__ import annotations

import json
import secrets
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from sdesk.model import Source, StateCategory
from sdesk.rules import correspondence as rules
from sdesk.rules import letters as wording
from sdesk.rules.closing import SETTING as CLOSE_AFTER
from sdesk.rules.closing import Closing
from sdesk.store import letters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdesk.door import Work
    from sdesk.model import Instant
    from sdesk.rules.calendar import Calendar
    from sdesk.store.tables import TicketTable

WAITS_FOR = "waiting-customer"
"""The state in which the next word is the requester's."""
FINISHED = (StateCategory.RESOLVED, StateCategory.CLOSED)
_DROP = "DELETE FROM letter WHERE ticket_id = :ticket AND kind = :kind AND entry_id IS NULL AND state = 'waiting' AND tries = 0"


def follow(work: Work, row: TicketTable, before: tuple[str, str], start: int) -> None:
    """Write the letters that a change of the state brings and take back those it makes untrue.

    `before` is the category and the state that were; `start` the act's first event.
    """
    category, state = before
    if work.tx.source == Source.IMPORT or (category, state) == (row.category, row.state):
        return
    Following(work, row, start).run(category, state)


class Following:
    """The letters of one change of one ticket's state."""

    def __init__(self, work: Work, row: TicketTable, start: int) -> None:
        self.work, self.tx, self.row, self.start = work, work.tx, row, start
        self.kinds = rules.written(self.tx.settings.get(rules.SETTING, ""))

    def run(self, category: str, state: str) -> None:
        row = self.row
        was_finished, is_finished = category in FINISHED, row.category in FINISHED
        if was_finished and not is_finished:
            self._drop("resolved", "closed", "survey")
        if state == WAITS_FOR and row.state != WAITS_FOR:
            self._drop("reminder")
        if row.merged_into is not None or row.binned:
            return
        if row.category == StateCategory.RESOLVED and not was_finished:
            self._resolved()
        elif row.category == StateCategory.CLOSED and category != StateCategory.CLOSED:
            self._closed()
        elif row.state == WAITS_FOR and state != WAITS_FOR:
            self._remind()

    def _drop(self, *kinds: str) -> None:
        for kind in kinds:
            self.tx.session.execute(text(_DROP), {"ticket": self.row.number, "kind": kind})

    def _resolved(self) -> None:
        """The words that solved it go into this letter instead of one of their own."""
        if "resolved" not in self.kinds:
            return
        spoken = self._spoken()
        if spoken is None and letters.is_stranger(self.tx, self.row):
            return
        values = {"date": self._closes_on()} | (
            {"text": spoken[1], "agent": spoken[2]} if spoken else {}
        )
        entry = spoken[0] if spoken else None
        if entry is not None:
            letters.take_back(self.tx, entry)
        number = letters.put(
            self.tx, "resolved", self.row, cc=letters.writers(self.tx, self.row.number),
            values=values, entry=entry, send_after=self._leaves_at(),
        )  # fmt: skip
        if number is not None:
            self._ask_nothing_twice()

    def _ask_nothing_twice(self) -> None:
        """A reminder that has not left asks for what is solved."""
        self._drop("reminder")

    def _closed(self) -> None:
        if self.row.state == "cancelled" or letters.is_stranger(self.tx, self.row):
            return
        leaves = self._leaves_at()
        if "survey" in self.kinds and not self._was_asked():
            values = {"link": self._link()}
            if (
                letters.put(self.tx, "survey", self.row, values=values, send_after=leaves)
                is not None
            ):
                return
        if "closed" in self.kinds:
            self._drop("resolved")
            letters.put(self.tx, "closed", self.row, send_after=leaves)

    def _was_asked(self) -> bool:
        query = text("SELECT 1 FROM letter WHERE ticket_id = :ticket AND kind = 'survey' LIMIT 1")
        return self.tx.session.execute(query, {"ticket": self.row.number}).first() is not None

    def _link(self) -> str:
        """The page of the survey; empty where the desk has none, and it is answered by reply."""
        if not (base := self.tx.settings.get("base_url", "").rstrip("/")):
            return ""
        token = secrets.token_urlsafe(32)
        keep = (
            "INSERT INTO survey (ticket_id, token, asked_at) VALUES (:ticket, :token, :at)"
            " ON CONFLICT (ticket_id) DO UPDATE SET token = excluded.token, asked_at = excluded.asked_at"
        )
        values = {
            "ticket": self.row.number, "token": sha256(token.encode()).hexdigest(), "at": self.tx.at,
        }  # fmt: skip
        self.tx.session.execute(text(keep), values)
        return f"{base}/survey/{token}"

    def _remind(self) -> None:
        closing = rules.after(self.tx.settings.get(rules.REMIND_AFTER, ""))
        if closing is None or "reminder" not in self.kinds:
            return
        if letters.is_stranger(self.tx, self.row):
            return
        calendar, at = self._calendar(), self.tx.at
        values = {"text": self._asked()}
        for _ in range(rules.times(self.tx.settings.get(rules.REMIND_TIMES, ""))):
            at = closing.at(at, calendar)
            if self.row.state_until is not None and at >= self.row.state_until:
                return
            letters.put(self.tx, "reminder", self.row, values=values, send_after=at)

    def _asked(self) -> str:
        """The last that the desk has written to the requester."""
        query = text(
            "SELECT body FROM entry WHERE ticket_id = :ticket AND kind = 'reply' AND withdrawn = 0"
            " ORDER BY id DESC LIMIT 1"
        )
        row = self.tx.session.execute(query, {"ticket": self.row.number}).first()
        return str(row[0]) if row is not None else ""

    def _spoken(self) -> tuple[int, str, str] | None:
        """The act's last reply, if it wrote one: number, text, author."""
        numbers: list[int] = []
        for event in self.tx.events[self.start :]:
            if event["ticket_id"] == self.row.number:
                numbers += _replies(event["kind"], json.loads(event["payload"])["details"])
        for number in reversed(numbers):
            query = text(
                "SELECT body, author FROM entry WHERE id = :id AND kind = 'reply' AND withdrawn = 0"
            )
            row = self.tx.session.execute(query, {"id": number}).first()
            if row is not None:
                return number, str(row[0]), str(row[1])
        return None

    def _closes_on(self) -> str:
        """The day on which it closes by itself, in the requester's language; empty where it does not."""
        closing = Closing.parse(self.tx.settings.get(CLOSE_AFTER, ""))
        if closing is None:
            return ""
        draft = letters.compose(self.tx, "resolved", self.row, values={})
        code = draft.language if draft is not None else wording.language()
        at = closing.at(self.tx.at, self._calendar())
        return wording.day(at, self.work.reads.zone, code)

    def _leaves_at(self) -> Instant:
        return self.tx.at + self.tx.grace

    def _calendar(self) -> Calendar:
        """The desk's own."""
        from sdesk.rules.calendar import Calendar  # here: few acts need it

        name = self.tx.settings.get("calendar", "")
        spec = self.work.reads.calendars().get(name)
        return Calendar.from_json({**spec, "name": name}) if spec else Calendar.always()


def _replies(kind: str, details: Mapping[str, Any]) -> list[int]:
    if kind == "replied":
        return [int(details["entry"])]
    return [int(n) for n in details.get("entries", ())] if kind == "redone" else []
