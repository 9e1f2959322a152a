"""The program's entry: answers `--version` by itself, and hands everything else to the command line.

Nothing is imported here that Python has not loaded already: `python -m sdesk` looks for modules in
the current folder first, until `main` has taken it off the path.
"""

import gc
import os
import sys


def main() -> None:
    """Run, and leave without the interpreter's long goodbye: it costs as much as a query."""
    _mind_streams()
    _mind_surroundings()
    if sys.argv[1:] in (["--version"], ["-V"]):
        status = _tell_version()
    else:
        status = _run()
    _leave(status)


def _tell_version() -> int:
    from sdesk import __version__

    try:
        print(f"sdesk {__version__}", flush=True)
    except OSError as error:
        from sdesk.cli.presenter import complain

        complain(f"Standard output can't be written: {error.strerror}.")
        return 1
    return 0


def _mind_streams() -> None:
    """A closed standard stream is one that nothing can be read from or written to: else its number
    would go to the next file that is opened, the store perhaps."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            # The lowest free number is this one.
            os.open(os.devnull, os.O_RDONLY)
            stream = open(number, "w" if number else "r", encoding="utf-8", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)


def _mind_surroundings() -> None:
    """Nothing from the current folder is imported, and nothing of a foreign environment is heard."""
    if not sys.flags.safe_path:
        try:
            here = os.path.realpath(os.curdir)
        except FileNotFoundError:  # deleted: nothing can be imported from it
            here = ""
        kept = ("site-packages", "dist-packages")
        sys.path[:] = [
            entry for entry in sys.path
            if entry.endswith(kept) or (entry and os.path.realpath(entry) != here)
        ]  # fmt: skip
    from sdesk.surroundings import scrub

    scrub()


def _run() -> int:
    # Loading modules makes many objects and no garbage: collecting as often as Python does by
    # default takes a tenth of the time of a short command.
    gc.set_threshold(50_000, 20, 100)
    from sdesk.cli.presenter import fault, present

    try:
        options = desk_options(sys.argv[1:])
        if options is not None and "_SDESK_COMPLETE" not in os.environ:
            # The desk itself opens without Typer, 70 ms sooner and a megabyte smaller.
            from sdesk.cli import session
            from sdesk.cli.start import start

            session.choose(options.get("--store"))
            return present(lambda: start(options.get("--theme")))
        from sdesk.cli.program import run

        return run(sys.argv[1:])
    except Exception as error:
        # The last presenter: a bug is written to the log, and the user is told where.
        return fault(error)


def desk_options(words: list[str]) -> dict[str, str] | None:
    """The options of `sdesk` without a command, as typed; None when there is anything else."""
    words = [part for word in words for part in word.split("=", 1)]
    options = dict(zip(words[::2], words[1::2], strict=False))
    known = all(name in ("--store", "--theme") for name in options)
    plain = not any(value.startswith("-") for value in options.values())
    return options if known and plain and len(options) * 2 == len(words) else None


def _leave(status: int) -> None:
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        status = status or 141
    os._exit(status)


if __name__ == "__main__":
    main()
