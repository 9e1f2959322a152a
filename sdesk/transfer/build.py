"""Rows → tickets with a dated history. Pure: values in, values out.

A file with a row a ticket tells the end of each story and some of its dates; a log with a row an update
tells all of it. Both come to one `ImportedTicket`.
"""

from __future__ import annotations

import re
from itertools import compress, pairwise
from operator import ne
from typing import TYPE_CHECKING, Any, NamedTuple

from sdesk.errors import Invalid
from sdesk.model import EntryKind, StateCategory
from sdesk.ops import MAX_SUBJECT, MAX_TEXT
from sdesk.rules.priority import MATRIX
from sdesk.text import clean, clean_line, cut
from sdesk.transfer.mapping import DATES, SEVERAL, SKIP, CellReader, ColumnMap
from sdesk.transfer.records import ImportedTicket, Problem, Requester, Row, Said, Step
from sdesk.transfer.words import STATES, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sdesk.model import Instant, State
    from sdesk.transfer.dates import DateReader
    from sdesk.transfer.presets import Preset

Values = dict[str, Any]
_PLAIN = frozenset(("subject", "kind", "state", "queue", "assignee", "owner", "channel", "service"))
"""The fields that a log's rows change one by one; a change of impact, urgency or category has company."""
_WEIGHING = frozenset(("impact", "urgency", "priority"))
OWN = "sdesk"
"""The source of tickets that come from another desk's export."""
_CATEGORY_OF_WORD = {
    "waiting-customer": "waiting",
    "waiting-supplier": "waiting",
    "scheduled": "waiting",
    "cancelled": "closed",
}
_WEIGHTS = {1: (1, 1), 2: (2, 1), 3: (2, 2), 4: (3, 3)}
"""Impact and urgency that come to a priority, for files that tell no more than the priority."""
_COMMENT = re.compile(r"([^;\n]{6,40});([^;\n]{0,120});(.*)\Z", re.S)
_DONE = (StateCategory.RESOLVED, StateCategory.CLOSED)


class Told(NamedTuple):
    """One row of a log: when, and what it says that the row before it didn't."""

    at: Instant
    line: int
    values: Values


class StateWords:
    """The desk's states, and every word that stands for one of them."""

    def __init__(self, states: Iterable[State], preset: Preset, chosen: Mapping[str, str]) -> None:
        self.by_key = {state.key: state for state in states}
        self.words: dict[str, str] = {}
        for word, key in {**STATES, **preset.states, **chosen}.items():
            if (found := self._nearest(key)) is not None:
                self.words[word] = self.words[plain(word)] = found
                if word.startswith("-"):
                    # "-5" and "5" have the same words.
                    self.words[plain(word)] = (
                        self._nearest(preset.states.get(plain(word), key)) or found
                    )
        for state in self.by_key.values():
            self.words.setdefault(plain(state.name), state.key)
            self.words[plain(state.key)] = state.key

    def _nearest(self, key: str) -> str | None:
        return key if key in self.by_key else self.first(_CATEGORY_OF_WORD.get(key, key))

    def first(self, category: str) -> str | None:
        """The desk's first state of a category; cancelled is nobody's first choice."""
        found = [s for s in self.by_key.values() if s.category == category and s.key != "cancelled"]
        return min(found, key=lambda s: s.position).key if found else None

    def category(self, key: str) -> StateCategory:
        return StateCategory(self.by_key[key].category)


class Builder:
    """Builds the tickets of one file. `now` stands in where a file has no date of opening."""

    def __init__(
        self,
        mapping: ColumnMap,
        preset: Preset,
        dates: DateReader,
        states: StateWords,
        now: Instant,
    ) -> None:
        self._made_of = (mapping, preset, dates, states, now)
        self._preset, self._states, self._now, self._dates = preset, states, now, dates
        self._columns = list(enumerate(mapping.targets))
        self._header, self._repeated = mapping.header, mapping.repeated
        self._reader = CellReader(preset, dates, states.words)
        # What the reader has read before is looked up without a call: a log's rows are many, and alike.
        self._plan = [
            (i, target, None if target in SEVERAL else self._reader.known[target])
            for i, target in self._columns
        ]
        self._key = mapping.columns("external_id")
        self._row_time = next(iter(mapping.columns("row_at")), 0)
        self._several = {target: mapping.columns(target) for target in SEVERAL}

    def __reduce__(self) -> tuple[type[Builder], tuple[Any, ...]]:
        """What another process makes the same builder of."""
        return Builder, self._made_of

    def key(self, row: Row) -> str:
        """The external id of a row, or nothing where the file has none."""
        return clean_line(str(row.cells[self._key[0]] or "")) if self._key and row.cells else ""

    def values(self, row: Row) -> Values:
        """Target → value, empty cells left out. Raises `Invalid` for the first cell that can't be read."""
        for first, later in self._repeated:
            if row.cells[later] not in ("", None, row.cells[first]):
                name = self._header[first]
                raise Invalid(f"The column '{name}' is there twice, and says two things.")
        values: Values = {}
        read = self._reader.read
        for index, target in self._columns:
            value = None if target == SKIP else read(target, row.cells[index])
            if value is None or value == "":
                continue
            if target in SEVERAL:
                values.setdefault(target, []).append(value)
            else:
                values[target] = value
        _settle(values)
        return values

    def single(self, row: Row, *, external_id: str) -> ImportedTicket:
        """The ticket of one row. Raises `Invalid` with the reason why not."""
        values = self.values(row)
        created = values.get("created_at") or min(
            (values[d] for d in DATES if d in values), default=self._now
        )
        opened = self._opened(values)
        requester = _requester(values)
        steps = self._ending(values, opened, created)
        said = self._said(values, requester, created)
        if first := values.get("first_answered_at"):
            opened["first_answered_at"] = first
        if updated := values.get("updated_at"):
            opened["updated_at"] = updated
        if origin := values.get("external_source"):
            opened["external_source"] = origin
        elif values.get("ref") and "external_id" not in values:
            opened["external_source"], external_id = OWN, values["ref"]
        return ImportedTicket(
            line=row.line, external_id=external_id, created_at=created,
            opened_by=values.get("opened_by", ""), opened=opened, requester=requester,
            steps=tuple(steps), said=tuple(said),
        )  # fmt: skip

    def history(self, rows: Sequence[Row], problems: list[Problem]) -> ImportedTicket | None:
        """The ticket of a log's rows, in the file's order. Rows that can't be read go to `problems`."""
        dated: list[tuple[Instant, Row]] = []
        for row in rows:
            try:
                dated.append((self._row_at(row), row))
            except Invalid as error:
                problems.append(Problem(row.line, str(error), row))
        told: list[Told] = []
        before: tuple[Any, ...] = ()
        for at, row in _in_order(dated):
            try:
                told.append(Told(at, row.line, self._changed(before, row.cells)))
                before = row.cells
            except Invalid as error:
                problems.append(Problem(row.line, str(error), row))
        return self._story(told) if told else None

    def _row_at(self, row: Row) -> Instant:
        at = self._reader.read("row_at", row.cells[self._row_time])
        if at is None:
            raise Invalid("row_at: there is no time in this row.")
        return int(at)

    def _changed(self, before: tuple[Any, ...], cells: tuple[Any, ...]) -> Values:
        """Target → value of the cells that differ from those of the row before; None for emptied ones."""
        values: Values = {}
        read = self._reader.read
        for index, target, known in (
            compress(self._plan, map(ne, cells, before)) if before else self._plan
        ):
            cell = cells[index]
            if known is not None and cell.__class__ is str and cell in known:
                values[target] = known[cell]
            elif target in SEVERAL and target != SKIP:
                values[target] = [v for i in self._several[target] if (v := read(target, cells[i]))]
            elif target != SKIP:
                values[target] = read(target, cell)
        if not before or "state" in values:
            if values.get("state") is None:
                raise Invalid("state: there is none in this row.")
            # The state is asked for at every row, and is the one field that is never empty.
            self._states.category(values["state"])
        return values

    def _story(self, told: list[Told]) -> ImportedTicket:
        first = {k: v for k, v in told[0].values.items() if v is not None}
        last = dict(first)
        for each in told[1:]:
            last |= each.values
        _settle(first)
        created = first.get("created_at", told[0].at)
        opened = self._opened(first)
        ending = self._ending_row(told)
        opened["resolution_code"] = last.get("resolution_code") or "" if ending == 0 else ""
        if ending == 0:
            opened["resolved_at"] = max(told[0].at, created)
        steps = self._steps(told, dict(told[0].values), created, last if ending > 0 else {}, ending)
        return ImportedTicket(
            line=told[0].line, external_id=first["external_id"], created_at=created,
            opened_by=first.get("opened_by") or first.get("row_by", ""),
            opened=opened | {"updated_at": max(told[-1].at, created)},
            requester=_requester(last) or _requester(first), steps=tuple(steps),
        )  # fmt: skip

    def _ending_row(self, told: list[Told]) -> int:
        """The row at which the ticket was finished for the last time: the copied final values are its own."""
        ending, before = -1, False
        for i, each in enumerate(told):
            if state := each.values.get("state"):
                done = self._states.category(state) in _DONE
                if done and not before:
                    ending = i
                before = done
        return ending

    def _steps(
        self, told: list[Told], current: Values, created: Instant, last: Values, ending: int
    ) -> list[Step]:
        steps: list[Step] = []
        weighed = _weights(current)
        for i, each in enumerate(told[1:], 1):
            changes: Values = {
                target: value or ""
                for target, value in each.values.items()
                if (target in _PLAIN or target.startswith("field."))
                and value != current.get(target)
            }
            current |= each.values
            for target in each.values:
                if target in ("category", "subcategory"):
                    changes["path"] = _path(current)
                elif target in _WEIGHING:
                    now = _weights(current)
                    changes |= {k: v for k, v in now.items() if v != weighed[k]}
                    weighed = now
            by = current.get("row_by") or ""
            if i == ending:
                by = last.get("resolved_by") or by
                if code := last.get("resolution_code"):
                    changes["resolution_code"] = code
            if changes:
                steps.append(Step(max(each.at, created), by, changes))
        return steps

    def _opened(self, values: Values) -> Values:
        weights = _WEIGHTS[values.get("priority", 3)]
        impact, urgency = values.get("impact", weights[0]), values.get("urgency", weights[1])
        return {
            "subject": _subject(values),
            "kind": values.get("kind", "incident"),
            "state": values.get("state") or self._state_by_dates(values),
            "impact": impact,
            "urgency": urgency,
            "priority": values.get("priority") or MATRIX[impact, urgency],
            "path": values.get("path", ""),
            "queue": values.get("queue", ""),
            "assignee": values.get("assignee", ""),
            "owner": values.get("owner", ""),
            "service": values.get("service", ""),
            "channel": values.get("channel", "import"),
            "tags": tuple(sorted({tag for tags in values.get("tags", ()) for tag in tags})),
            "restricted": values.get("restricted", False),
            "resolution_code": values.get("resolution_code", ""),
            "fields": {
                **values.get("fields", {}),
                **{k[6:]: v for k, v in _custom(values).items()},
            },
        }

    def _state_by_dates(self, values: Values) -> str:
        for date, category in (
            ("closed_at", StateCategory.CLOSED),
            ("resolved_at", StateCategory.RESOLVED),
        ):
            if date in values and (found := self._states.first(category)):
                return found
        return self._states.first(StateCategory.NEW) or next(iter(self._states.by_key))

    def _ending(self, values: Values, opened: Values, created: Instant) -> list[Step]:
        """How a finished ticket got there: opened new, resolved at its time, closed at its own."""
        end = opened["state"]
        category = self._states.category(end)
        if category not in _DONE:
            opened["resolution_code"] = ""
            return []
        opened["state"] = self._states.first(StateCategory.NEW) or end
        code = opened.pop("resolution_code")
        late = max(values.get("updated_at", created), created)
        done_by = values.get("resolved_by") or values.get("assignee", "")
        steps: list[Step] = []
        resolved = values.get("resolved_at")
        if category == StateCategory.RESOLVED:
            resolved = resolved or min(late, values.get("closed_at", late))
        if resolved and (
            state := end if category == StateCategory.RESOLVED else self._states.first("resolved")
        ):
            steps.append(Step(max(resolved, created), done_by, {"state": state}))
        if category == StateCategory.CLOSED:
            at = max(values.get("closed_at", late), *(step.at for step in steps), created)
            steps.append(Step(at, "" if steps else done_by, {"state": end}))
        if code:
            steps[0].changes["resolution_code"] = code
        return steps

    def _said(self, values: Values, requester: Requester | None, created: Instant) -> list[Said]:
        said = list(self._conversation(values.get("conversation", ()), created))
        if (text := values.get("text", "")) and not any(each.text == text for each in said):
            kind = EntryKind.INBOUND if requester else EntryKind.NOTE
            author = requester.name if requester else values.get("opened_by", "")
            said.insert(0, Said(created, kind, author, text, by_agent=not requester))
        for target, kind in (("comment", EntryKind.REPLY), ("note", EntryKind.NOTE)):
            said += [
                self._comment(cell, kind, requester, created) for cell in values.get(target, ())
            ]
        return sorted(said, key=lambda each: each.at)

    def _comment(
        self, cell: str, kind: EntryKind, requester: Requester | None, created: Instant
    ) -> Said:
        at, author, text = created, "", cell
        if match := _COMMENT.match(cell):
            try:
                at, author, text = self._dates(match[1]), clean_line(match[2]), match[3]
            except Invalid:
                # A comment that happens to have semicolons in it.
                text = cell
        if (
            kind == EntryKind.REPLY
            and requester
            and plain(author) == plain(requester.name)
            and author
        ):
            kind = EntryKind.INBOUND
        return Said(max(at, created), kind, author, _body(text), by_agent=kind != EntryKind.INBOUND)

    def _conversation(self, entries: Iterable[dict[str, Any]], created: Instant) -> Iterable[Said]:
        for entry in entries:
            try:
                kind = EntryKind(str(entry.get("kind", "note")))
                at = self._dates(str(entry["at"])) if entry.get("at") else created
            except ValueError:
                raise Invalid(
                    f"conversation: '{cut(str(entry.get('kind')), 40)}' is no kind of entry."
                ) from None
            author, text = entry.get("author", ""), entry.get("text", "")
            if not isinstance(author, str) or not isinstance(text, str):
                raise Invalid("conversation: author and text are texts.")
            yield Said(
                at, kind, clean_line(author), _body(text), by_agent=kind != EntryKind.INBOUND
            )


def _settle(values: Values) -> None:
    """Bring what came in parts together: the category path, and a priority alone."""
    if path := _path(values):
        values["path"] = path
    if "impact" not in values and "urgency" not in values and "priority" in values:
        values["impact"], values["urgency"] = _WEIGHTS[values["priority"]]


def _path(values: Values) -> str:
    parts = [values.get("category"), *(values.get("subcategory") or ())]
    return " / ".join(part for part in parts if part)[:200]


def _weights(values: Values) -> dict[str, int]:
    impact, urgency = values.get("impact") or 2, values.get("urgency") or 2
    priority = values.get("priority") or MATRIX[impact, urgency]
    return {"impact": impact, "urgency": urgency, "priority": priority}


def _custom(values: Values) -> Values:
    return {name: value for name, value in values.items() if name.startswith("field.")}


def _subject(values: Values) -> str:
    if subject := values.get("subject"):
        return cut(subject, MAX_SUBJECT)
    if text := values.get("text"):
        return cut(clean_line(text[: 2 * MAX_SUBJECT]), 80)
    about = ": ".join(filter(None, (values.get("path", ""), values.get("field.symptom", ""))))
    number = values.get("external_id", "")
    return cut(
        f"{about} ({number})" if about and number else about or number or "(no subject)",
        MAX_SUBJECT,
    )


def _body(text: str) -> str:
    return clean(text).strip("\n")[:MAX_TEXT] or "(no text)"


def _requester(values: Values) -> Requester | None:
    name, email = values.get("requester") or ("", "")
    email = values.get("requester_email", email)
    if not name and not email:
        return None
    return Requester(
        name or email, email, values.get("requester_phone", ""), values.get("organization", "")
    )


def _in_order(dated: list[tuple[Instant, Row]]) -> list[tuple[Instant, Row]]:
    """The rows in the order of their story, with times that never run backwards.

    A log is written in order: one stray time among several keeps its row's place and gives way to the
    row after it. More than one, and the times are believed instead.
    """
    falls = sum(1 for (a, _), (b, _) in pairwise(dated) if b < a)
    if not falls:
        return dated
    if falls > 1 or len(dated) < 3:
        return sorted(dated, key=lambda each: each[0])
    latest = dated[-1][0]
    ordered = []
    for at, row in reversed(dated):
        latest = min(latest, at)
        ordered.append((latest, row))
    return ordered[::-1]
