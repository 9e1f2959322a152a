"""`prove`: what sdesk promises, each shown to hold on this host against a throw-away store."""

from __future__ import annotations

import json
import shutil
import signal
import sys
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from sdesk.cli.output import on_terminal, put, styled
from sdesk.errors import NotFound, Usage
from sdesk.text import clean_line, cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdesk.prove.model import Promise, Proof
    from sdesk.prove.running import Wish

app = typer.Typer()
_STYLE = {"holds": "good", "fails": "bad", "skipped": "warn"}


@app.command("prove", epilog="Example: sdesk prove locks kill --scale 0.1")
def prove(
    keys: Annotated[list[str] | None, typer.Argument(metavar="KEY…", help="Which promises; all of them: all. None lists them.", show_default=False)] = None,
    scale: Annotated[float, typer.Option("--scale", metavar="FACTOR", help="How much of what is promised is tried: 0.1 a tenth.")] = 1.0,
    engine: Annotated[str | None, typer.Option("--engine", metavar="ENGINE", help="On which store: sqlite, or postgresql where it applies.", show_default=False)] = None,
    server: Annotated[str, typer.Option("--server", metavar="URL", help="The PostgreSQL server to make throw-away databases in.", show_default=False)] = "",
    folder: Annotated[str, typer.Option("--folder", metavar="FOLDER", help="On which disk: a private folder is made there, and removed.", show_default=False)] = "",
    seed: Annotated[int, typer.Option("--seed", metavar="NUMBER", help="What chance is drawn from.")] = 1,
    cases: Annotated[str, typer.Option("--cases", metavar="FOLDER", help="For corpus: more hostile mails, files and strings, with an index.json.", show_default=False)] = "",
    at_once: Annotated[int, typer.Option("--at-once", metavar="NUMBER", help="So many promises at the same time; by itself as many as there are processors.", show_default=False, min=0)] = 0,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the private folders, to look into them.")] = False,
    allow_skips: Annotated[bool, typer.Option("--allow-skips", help="End well though a promise could not be tried here.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON a promise.")] = False,
) -> None:  # fmt: skip
    """Show that what sdesk promises holds on this host; your own desk is never touched."""
    from sdesk.prove.running import Wish

    if not keys:
        return _list(as_json)
    engine = _engine(engine, server)
    promises = _asked(keys, engine)
    if not 0 < scale <= 100:
        raise Usage(f"--scale: {scale:g} is not between 0 and 100.")
    told = _Progress()
    wish = Wish(
        scale, engine, server, seed, _folder(folder), keep, _cases(cases), at_once, told.tell
    )
    raise typer.Exit(_prove(promises, wish, told, as_json=as_json, allow_skips=allow_skips))


def _folder(named: str) -> str:
    import os
    from pathlib import Path

    if named and not (Path(named).is_dir() and os.access(named, os.W_OK | os.X_OK)):
        raise Usage(f"--folder: {named} is no folder that you may write to.")
    return str(Path(named).resolve()) if named else ""


def _cases(folder: str) -> str:
    from pathlib import Path

    if folder and not (Path(folder) / "index.json").is_file():
        raise Usage(f"--cases: there is no index.json in {folder}.")
    return str(Path(folder).resolve()) if folder else ""


def _engine(given: str | None, server: str) -> str:
    from sdesk.prove.model import ENGINES, POSTGRESQL, SQLITE

    if given is None:
        return POSTGRESQL if server else SQLITE
    if given not in ENGINES:
        raise NotFound.named("engine", given, ENGINES)
    if server and given != POSTGRESQL:
        raise Usage(f"--server is a PostgreSQL server; --engine says {given}.")
    return given


def _asked(keys: Sequence[str], engine: str) -> list[Promise]:
    """The promises named, once each; with `all` those that apply to the engine."""
    from sdesk.prove import PROMISES, promise

    if "all" in keys:
        return [one for key in PROMISES if engine in (one := promise(key)).engines]
    found = [promise(key) for key in dict.fromkeys(keys)]
    for one in found:
        if engine not in one.engines:
            raise Usage(f"{one.key} is not proved on {engine}.", f"Only on {one.engines[0]}.")
    return found


def _list(as_json: bool) -> None:
    from sdesk.prove import PROMISES, promise

    for key in PROMISES:
        found = promise(key)
        row = (f"P{found.number}", key, " ".join(found.engines), found.title)
        if as_json:
            names = ("number", "promise", "engines", "title")
            print(json.dumps(dict(zip(names, row, strict=True))))
        elif on_terminal():
            _wrapped(f"{row[0]:<4}{key:<12}", found.title, 16)
        else:
            put("\t".join(row))


def _prove(
    promises: Sequence[Promise], wish: Wish, told: _Progress, *, as_json: bool, allow_skips: bool
) -> int:
    """Prove them, each told when it and those before it are done; 0 where all hold."""
    import time

    from sdesk.cli.presenter import INTERRUPTED, complain
    from sdesk.prove.running import prove_each

    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, _interrupt)
    begun, verdicts = time.monotonic(), Counter[str]()
    for_people = on_terminal() and not as_json
    if for_people:
        put(styled(f"{'Promise':<12}{'No':<5}{'Verdict':<9}{'Seconds':>7}  Measured", "title"))
    try:
        with closing(prove_each([one.key for one in promises], wish)) as proofs:
            for proof in proofs:
                verdicts[proof.verdict] += 1
                told.hide()
                _show(proof, as_json=as_json)
                told.show()
    except KeyboardInterrupt:
        told.hide()
        complain(f"Stopped. {verdicts.total()} of {len(promises)} were proved.")
        return INTERRUPTED
    if for_people and len(promises) > 1:
        put(_total(verdicts, time.monotonic() - begun))
    return int(bool(verdicts["fails"] or (verdicts["skipped"] and not allow_skips)))


def _total(verdicts: Counter[str], seconds: float) -> str:
    """All in one line."""
    said = [
        styled(f"{verdicts[name]} {verb if verdicts[name] == 1 else verbs}", _STYLE[name])
        for name, verb, verbs in (("holds", "holds", "hold"), ("fails", "fails", "fail"), ("skipped", "skipped", "skipped"))
        if verdicts[name]
    ]  # fmt: skip
    minutes, left = divmod(round(seconds), 60)
    return f"{', '.join(said)}; {f'{minutes} min ' if minutes else ''}{left} s"


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _show(proof: Proof, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(proof.values()), flush=True)
    elif on_terminal():
        verdict = styled(f"{proof.verdict:<9}", _STYLE[proof.verdict])
        start = f"{proof.key:<12}P{proof.number:<4}{verdict}{proof.seconds:>7.1f}  "
        _wrapped(start, proof.said, 35)
        if proof.kept:
            put(f"{'':<35}kept: {proof.kept}", flush=True)
    else:
        row = (proof.key, f"P{proof.number}", proof.verdict, proof.said, f"{proof.seconds:.1f}")
        put("\t".join(map(clean_line, row)), flush=True)


def _wrapped(start: str, text: str, indent: int) -> None:
    """The text after the start, its further lines below its first."""
    import textwrap

    room = max(30, shutil.get_terminal_size((100, 24)).columns - indent)
    lines = textwrap.wrap(clean_line(text), room) or [""]
    put(start + f"\n{' ' * indent}".join(lines), flush=True)


class _Progress:
    """What is being done, on one line of the terminal that the next verdict takes the place of."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._doing: dict[str, str] = {}

    def tell(self, key: str, text: str) -> None:
        """What is done for that promise; "" when it is over."""
        if text:
            self._doing[key] = text
        else:
            self._doing.pop(key, None)
            self.hide()
        self.show()

    def show(self) -> None:
        if self._shown and self._doing:
            room = shutil.get_terminal_size((100, 24)).columns - 1
            said = [f"{key}: {text}" if key else text for key, text in self._doing.items()]
            line = clean_line(" · ".join(cut(one, max(12, room // len(said) - 3)) for one in said))
            print("\r\x1b[2K" + line[:room], end="", file=sys.stderr, flush=True)

    def hide(self) -> None:
        if self._shown:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)
