"""A folder of somebody's own cases: an index.json, mails, import files and strings.json beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sdesk.errors import Usage
from sdesk.prove.cases.imports import File
from sdesk.prove.cases.mails import Mail


def mails(folder: Path) -> list[Mail]:
    """The mails of the index, in the order of their files. Raises `Usage`."""
    lines = _index(folder).get("mail", [])
    return [_mail(folder, line) for line in sorted(lines, key=lambda line: str(line["file"]))]


def files(folder: Path) -> list[File]:
    return [_file(folder, line) for line in _index(folder).get("imports", [])]


def strings(folder: Path) -> list[tuple[str, str]]:
    """Name and string of each."""
    path = folder / "strings.json"
    return [(line["id"], line["s"]) for line in _read(path)] if path.is_file() else []


def classes(folder: Path) -> dict[str, str]:
    """The class of each of its strings."""
    return {line["id"]: line["cls"] for line in _index(folder).get("string_index", [])}


def _index(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = _read(folder / "index.json")
    return found


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Usage(f"{path} can't be read: {error.strerror}.") from None
    except ValueError as error:
        raise Usage(f"{path} is no JSON: {error}.") from None


def _mail(folder: Path, line: dict[str, Any]) -> Mail:
    expect = line["expect"]
    outcome, _, ref = str(expect["outcome"]).partition(":")
    requester = expect["requester"]
    if requester is None and outcome == "new":
        requester = ""
    return Mail(
        line["cls"], line["id"], (folder / line["file"]).read_bytes(), outcome, requester,
        bool(expect["ack"]), _number(expect.get("suggest", "")), expect.get("body_contains", ""),
        subject=expect.get("subject_is"), ticket=_number(ref), files=expect.get("attachments"),
        not_read=expect.get("degraded"), twin=expect.get("duplicate_of", ""),
        not_from=expect.get("requester_not", ""), seconds=float(expect["max_seconds"]),
    )  # fmt: skip


def _number(ref: str) -> int | None:
    return int(ref.removeprefix("SD-")) if ref else None


def _file(folder: Path, line: dict[str, Any]) -> File:
    expect, path = line["expect"], folder / line["file"]
    return File(
        line["cls"], path.name, path.read_bytes(), expect.get("rows_ok", 0), expect.get("rows_bad", 0),
        bool(expect.get("must_fail")), bool(expect.get("may_refuse")), bool(expect.get("idempotent")),
    )  # fmt: skip
