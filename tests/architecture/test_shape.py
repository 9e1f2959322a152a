"""Sizes and habits that keep the house readable; each exception stands here with its reason."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.each import each

PACKAGE = Path(__file__).parents[2] / "sdesk"
MODULES = [p for p in sorted(PACKAGE.rglob("*.py")) if "migrations" not in p.parts]
BROAD_EXCEPT = {"__main__.py", "app.py", "timers.py", "keeping.py", "mail_in.py", "drafts.py"}
"""The top presenters: a bug ends there, with drafts saved and the log named. The timers: one ticket
that a bug trips over must not keep the others from being warned, and it is reported. The intake: a
mail that a bug trips over becomes a ticket that says so, and a mail server is asked to bring it again. The
drafts: what is being typed is kept trying for, whatever the store has met."""
FORBIDDEN_NAMES = {"utils", "helpers", "manager", "common", "data", "misc"}


def functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


@each("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_file_stays_short_enough_to_hold_in_mind(path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("\n") <= (320 if "screens" in path.parts else 520)


@each("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_functions_fit_on_a_screen_and_catch_what_they_can_name(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    long = [f.name for f in functions(tree) if (f.end_lineno or 0) - f.lineno > 60]
    assert not long
    broad = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception"))
    ]
    assert not broad or path.name in BROAD_EXCEPT, f"{path.name}: except Exception at {broad}"


@each("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_says_what_it_is_for_and_has_a_name_that_does(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not text.strip() or ast.get_docstring(ast.parse(text)), f"{path} has no docstring"
    assert path.stem not in FORBIDDEN_NAMES
