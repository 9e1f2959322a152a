"""P6: hostile mails, import files and strings, each of which must end as is written beside it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sdesk.prove.mails.shared import needs_mail
from sdesk.prove.model import Figures, Promise, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sdesk.prove.cases.imports import File
    from sdesk.prove.cases.mails import Mail
    from sdesk.prove.model import Bench

OURS, THEIRS = "own", "cases"
DAMAGED = 400
"""Import files damaged by chance."""


class Tally:
    """How many of each kind and class there were, and which did not end as is written."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.classes: Counter[str] = Counter()
        self.wrong: dict[str, str] = {}

    def add(self, kind: str, classes: Sequence[str], wrong: Mapping[str, str]) -> None:
        self.counts[kind] += len(classes)
        self.classes.update(f"{kind} {cls}" for cls in classes)
        self.wrong |= {f"{kind} {name}": said for name, said in wrong.items()}

    def verdict(self) -> Verdict:
        total, wrong = self.counts.total(), len(self.wrong)
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.counts.items())
        said = f"{kinds}: {total - wrong} of {total} end as written"
        told = "".join(f"; {name}: {said}" for name, said in list(self.wrong.items())[:3])
        figures: Figures = {"cases": total, "wrong": wrong, **self.classes}
        return Verdict(not wrong, said + told, figures)


def run(bench: Bench) -> Verdict:
    """sdesk's own cases, and those of the folder that `--cases` names."""
    needs_mail()
    from pathlib import Path

    from sdesk.prove.cases import folder, mails, tricks

    tally = Tally()
    every = max(1, round(1 / bench.scale))
    own = strings()
    feed_all(bench, OURS, [*mails.MAILS, *tricks.TRICKS], tally)
    import_all(bench, OURS, imports()[::every], tally)
    damage_all(bench, OURS, bench.count(DAMAGED), tally)
    say_all(bench, OURS, own[::every], dict.fromkeys((name for name, _ in own), "own"), tally)
    if bench.cases:
        theirs = Path(bench.cases)
        feed_all(bench, THEIRS, folder.mails(theirs), tally)
        import_all(bench, THEIRS, folder.files(theirs), tally)
        say_all(bench, THEIRS, folder.strings(theirs), folder.classes(theirs), tally)
    return tally.verdict()


def imports() -> Sequence[File]:
    """sdesk's own files."""
    from sdesk.prove.cases.imports import FILES

    return FILES


def strings() -> Sequence[tuple[str, str]]:
    """sdesk's own strings, numbered."""
    from sdesk.prove.strings import OWN

    return [(f"s{number}", text) for number, text in enumerate(OWN, 1)]


def feed_all(bench: Bench, whose: str, mails: Sequence[Mail], tally: Tally) -> None:
    """All of them, at any scale: one may be the same as another that came before it."""
    from sdesk.prove.cases.feeding import Feeding

    bench.tell(f"{len(mails)} mails")
    feeding = Feeding(bench.room(f"{whose}-mails") / "sdesk.db")
    wrong = feeding.feed(mails)
    wrong |= {f"all of them ({number})": said for number, said in enumerate(feeding.others())}
    feeding.close()
    tally.add(f"{whose} mails", [mail.cls for mail in mails], wrong)


def import_all(bench: Bench, whose: str, files: Sequence[File], tally: Tally) -> None:
    from sdesk.prove.cases.importing import Importing

    bench.tell(f"{len(files)} files")
    wrong = Importing(bench.room(f"{whose}-imports")).bring(files)
    tally.add(f"{whose} imports", [file.cls for file in files], wrong)


def damage_all(bench: Bench, whose: str, count: int, tally: Tally) -> None:
    """Whatever chance makes of a file, the dry run says what becomes of it."""
    from sdesk.prove.cases.damaged_files import Damaging

    bench.tell(f"{count} damaged files")
    damaging = Damaging(bench.room(f"{whose}-damaged"))
    first = (bench.seed - 1) * DAMAGED
    wrong = damaging.run(range(first, first + count))
    damaging.close()
    tally.add(f"{whose} damaged imports", ["chance"] * count, parted(wrong))


def parted(said: Sequence[str]) -> dict[str, str]:
    """Name → the rest of each "name: rest"."""
    return {name: rest for name, _, rest in (one.partition(": ") for one in said)}


def say_all(
    bench: Bench, whose: str, strings: Sequence[tuple[str, str]], classes: Mapping[str, str],
    tally: Tally,
) -> None:  # fmt: skip
    from sdesk.prove.cases.saying import Saying

    bench.tell(f"{len(strings)} strings")
    wrong = Saying(bench.room(f"{whose}-strings")).say(strings)
    tally.add(f"{whose} strings", [classes.get(name, "") for name, _ in strings], wrong)


PROMISE = Promise(
    "corpus", 6,
    "Hostile mails, import files and strings, and those of your own with --cases: each ends as is"
    " written beside it.",
    run,
    on_disk=False,
)  # fmt: skip
