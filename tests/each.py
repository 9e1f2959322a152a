"""Many small cases in one test."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import pytest

Ids = Callable[[Any], object] | Iterable[object] | None


def each(
    names: str | Sequence[str], cases: Iterable[Any], ids: Ids = None, absent: str = "no cases"
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """As `pytest.mark.parametrize`, but one test: every case is tried, and all that fail are told.

    A test of its own costs some seven milliseconds, which a thousand small cases don't take together.
    Not for a test that changes what a fixture gave it: its cases share the fixtures.
    """
    wanted = [name.strip() for name in names.split(",")] if isinstance(names, str) else [*names]
    named = [*_named(wanted, [*cases], ids)]

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        assert not inspect.iscoroutinefunction(test)

        def all_of_them(**fixtures: Any) -> None:
            failed = [(name, why) for name, case in named if (why := _why(test, case, fixtures))]
            if not failed:
                return
            told = "\n".join(f"[{name}] {_told(why)}" for name, why in failed)
            raise AssertionError(f"{len(failed)} of {len(named)} cases:\n{told}") from failed[0][1]

        if not named:
            return pytest.mark.skip(reason=f"NOT RUN: {absent}")(test)
        signature = inspect.signature(test)
        rest = [one for name, one in signature.parameters.items() if name not in wanted]
        for each_of in ("__name__", "__doc__", "__module__", "__qualname__", "pytestmark"):
            if hasattr(test, each_of):
                setattr(all_of_them, each_of, getattr(test, each_of))
        vars(all_of_them)["__signature__"] = signature.replace(parameters=rest)
        return all_of_them

    return decorate


def _named(
    wanted: Collection[str], cases: list[Any], ids: Ids
) -> Iterable[tuple[str, dict[str, Any]]]:
    given = list(ids) if isinstance(ids, Iterable) else []
    for n, case in enumerate(cases):
        values = (case,) if len(wanted) == 1 else tuple(case)
        assert len(values) == len(wanted), f"{values} for {wanted}"
        parts = map(ids, values) if callable(ids) else [repr(case)[:200]]
        yield (
            str(given[n]) if given else "-".join(map(str, parts)),
            dict(zip(wanted, values, strict=True)),
        )


def _why(
    test: Callable[..., None], case: dict[str, Any], fixtures: dict[str, Any]
) -> BaseException | None:
    try:
        test(**case, **fixtures)
    except (Exception, pytest.fail.Exception) as error:
        return error
    return None


def _told(why: BaseException) -> str:
    """What went wrong, and on which line."""
    last = traceback.extract_tb(why.__traceback__)[-1]
    said = "".join(traceback.format_exception_only(why)).strip()
    return f"line {last.lineno}: {said}"
