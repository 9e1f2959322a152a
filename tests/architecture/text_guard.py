"""Finds text that meets a terminal unguarded: a `str` where Textual or Rich read markup, and a print
of something that nobody has cleaned. It reads the code as it is written and believes no type.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple


class Finding(NamedTuple):
    line: int
    said: str


# What reads markup in a plain str: the positions and the names of such arguments.
WIDGETS: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    **dict.fromkeys(
        ("Static", "Label", "Button", "Checkbox", "RadioButton", "ToggleButton", "Tab", "Link", "Toast"),
        ((0,), ("content", "label", "renderable", "tooltip")),
    ),
    "RadioSet": (tuple(range(20)), ()), "Tabs": (tuple(range(20)), ()), "TabbedContent": (tuple(range(20)), ()),
    "TabPane": ((0,), ("title",)), "Collapsible": ((), ("title",)), "CollapsibleTitle": ((), ("label",)),
    "OptionList": (tuple(range(20)), ()), "Option": ((0,), ("prompt",)), "SelectionList": (tuple(range(20)), ()),
    "Selection": ((0,), ("prompt",)), "Select": ((0,), ("options", "prompt")), "Tree": ((0,), ("label",)),
    "TextArea": ((), ("placeholder",)), "TextBox": ((), ("placeholder",)), "DraftArea": ((), ("placeholder",)),
    "Panel": ((0,), ("renderable", "title", "subtitle")), "TextColumn": ((0,), ("text_format",)), "Rule": ((0,), ("title",)),
    "DiscoveryHit": ((0,), ("display", "help")), "Hit": ((1,), ("match_display", "help")), "Placeholder": ((0,), ("label",)),
}  # fmt: skip
METHODS: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    "notify": ((0,), ("message",)), "add_option": ((0,), ("item",)), "add_options": ((0,), ()), "set_options": ((0,), ()),
    "add_row": (tuple(range(50)), ("label",)), "add_column": ((0,), ("label",)), "add_columns": (tuple(range(50)), ()),
    "update_cell": ((2,), ("value",)), "update_cell_at": ((1,), ("value",)), "add_leaf": ((0,), ("label",)), "set_label": ((0,), ()),
    "with_tooltip": ((0,), ()), "replace_option_prompt": ((1,), ("prompt",)), "add_tab": ((0,), ()), "add_task": ((0,), ("description",)),
    "panic": (tuple(range(9)), ()), "exit": ((2,), ("message",)),
}  # fmt: skip
ASSIGNED = {"border_title", "border_subtitle", "tooltip"}
MADE_OF_TEXT = {"Content", "Text"}
"""Types that hold text as it is; their own parsers (`from_markup`) are looked at by themselves."""
NOT_TEXT = (ast.GeneratorExp, ast.Dict, ast.DictComp, ast.Set, ast.SetComp, ast.ListComp)
FORBIDDEN = {
    ("rich.markup", "escape"), ("textual.markup", "escape"), ("textual.widgets", "MarkdownViewer"),
    ("rich.markup", "render"), ("textual.markup", "to_content"), ("rich", "print"),
}  # fmt: skip
CLEANERS = {
    "clean", "clean_line", "cleaned", "counted", "stamp", "moment", "duration", "len", "heading", "to_toml", "dumps", "guarded",
}  # fmt: skip
"""What returns text with nothing harmful in it: the cleaner, and words made of numbers alone. JSON and
TOML escape what harms."""


def markup_findings(source: str) -> list[Finding]:
    """Where text may be read as markup, a link be opened, or a cleaner be trusted that isn't one."""
    return sorted(_Markup(ast.parse(source)).found())


def print_findings(source: str) -> list[Finding]:
    """Where the command line writes what nobody has cleaned."""
    return sorted(_Prints(ast.parse(source)).found())


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _of(call: ast.Call) -> str:
    """What a method is called on, as far as it is a name."""
    on = call.func.value if isinstance(call.func, ast.Attribute) else None
    return on.id if isinstance(on, ast.Name) else on.attr if isinstance(on, ast.Attribute) else ""


class _Reading:
    """A module, function by function: what a name was given in its function."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.imported: dict[str, tuple[str, str]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    self.imported[alias.asname or alias.name] = (node.module or "", alias.name)
        self.own = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
        self._given: dict[str, list[ast.expr]] = {}

    def calls(self) -> Iterator[ast.Call]:
        """Every call, with the names of its function known meanwhile."""
        for node in self.scoped():
            if isinstance(node, ast.Call):
                yield node

    def scoped(self) -> Iterator[ast.AST]:
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        functions = [n for n in ast.walk(self.tree) if isinstance(n, kinds)]
        inner = {id(n) for f in functions for n in ast.walk(f) if n is not f}
        for place in (self.tree, *(f for f in functions if id(f) not in inner)):
            self._given = _assigned(place)
            for node in ast.walk(place):
                if place is not self.tree or id(node) not in inner:
                    yield node

    def holds(self, name: str, is_safe: object) -> bool:
        """Whether all that the name was given in its function is safe; constants are ours."""
        if name.isupper():
            return True
        given = self._given.pop(name, [])  # meanwhile unknown, so that `x = x + …` ends
        try:
            return bool(given) and all(map(is_safe, given))  # type: ignore[call-overload]
        finally:
            if given:
                self._given[name] = given


def _assigned(place: ast.AST) -> dict[str, list[ast.expr]]:
    given: dict[str, list[ast.expr]] = {}
    for node in ast.walk(place):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    given.setdefault(target.id, []).append(node.value)
                elif isinstance(target, ast.Tuple):
                    values = node.value.elts if isinstance(node.value, ast.Tuple) else []
                    for at, name in enumerate(target.elts):
                        if isinstance(name, ast.Name):
                            value = values[at] if at < len(values) else node.value
                            given.setdefault(name.id, []).append(value)
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            value = node.value or ast.Constant("")
            given.setdefault(ast.unparse(node.target), []).append(value)
    return given


class _Markup(_Reading):
    def found(self) -> Iterator[Finding]:
        yield from self._imports()
        bases = {id(c): b for b in self._parsing_classes() for c in ast.walk(b[0])}
        for node in self.scoped():
            if isinstance(node, ast.Assign):
                yield from self._assignment(node)
            elif isinstance(node, ast.Call):
                yield from self._call(node, bases.get(id(node)))

    def _imports(self) -> Iterator[Finding]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if (node.module, alias.name) in FORBIDDEN:
                        yield Finding(node.lineno, f"{alias.name} of {node.module}")
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if "webbrowser" in names:
                yield Finding(node.lineno, "a browser of this host")  # type: ignore[attr-defined]

    def _parsing_classes(self) -> Iterator[tuple[ast.ClassDef, str]]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ClassDef):
                for base in node.bases:
                    name = base.id if isinstance(base, ast.Name) else ""
                    if name in WIDGETS and self._is_theirs(name):
                        yield node, name

    def _is_theirs(self, name: str) -> bool:
        """Whether the name is Textual's or Rich's; an unknown one is taken for theirs, a class of ours is not."""
        if name in ("TextBox", "DraftArea"):
            return True
        module = self.imported.get(name, ("", ""))[0].partition(".")[0]
        return module in ("textual", "rich") or (not module and name not in self.own)

    def _assignment(self, node: ast.Assign) -> Iterator[Finding]:
        for target in node.targets:
            if (
                isinstance(target, ast.Attribute)
                and target.attr in ASSIGNED
                and not self._is_safe(node.value)
            ):
                yield Finding(node.lineno, f"{target.attr} = a str")

    def _call(self, call: ast.Call, base: tuple[ast.ClassDef, str] | None) -> Iterator[Finding]:
        name = _called(call)
        if name == "__init__" and base is not None:
            name = base[1]
        elif name in WIDGETS and not self._is_theirs(name):
            return
        if name == "from_markup" and not (call.args and isinstance(call.args[0], ast.Constant)):
            yield Finding(call.lineno, "markup that is put together")
        if name in ("open_url", "render_markup"):
            yield Finding(call.lineno, name)
        if name == "Markdown" and not _says(call, "open_links", False):
            yield Finding(call.lineno, "Markdown whose links open")
        if _says(call, "markup", False) and name != "Panel":
            return
        if name == "RichLog" and any(k.arg == "markup" for k in call.keywords):
            yield Finding(call.lineno, "RichLog with markup")
        for value in self._looked_at(call, name):
            if not self._is_safe(value):
                yield Finding(value.lineno, f"{name}({ast.unparse(value)[:60]})")

    def _looked_at(self, call: ast.Call, name: str) -> Iterator[ast.expr]:
        """The arguments of which markup would be read."""
        if name == "print" and isinstance(call.func, ast.Attribute):
            yield from call.args
            return
        if name == "update" and isinstance(call.func, ast.Attribute):
            if len(call.args) == 1 and not call.keywords and not _is_mapping(call.args[0]):
                yield call.args[0]
            return
        is_method = isinstance(call.func, ast.Attribute) and name in METHODS
        positions, names = METHODS[name] if is_method else WIDGETS.get(name, ((), ()))
        if name == "exit" and _of(call) == "sys":
            return
        for at, value in enumerate(call.args):
            if at in positions:
                yield value
        for keyword in call.keywords:
            if keyword.arg in names:
                yield keyword.value

    def _is_safe(self, value: ast.expr) -> bool:
        if isinstance(value, ast.Constant):
            return not isinstance(value.value, str) or "[" not in value.value
        if isinstance(value, ast.IfExp):
            return self._is_safe(value.body) and self._is_safe(value.orelse)
        if isinstance(value, ast.BoolOp):
            return all(map(self._is_safe, value.values))
        if isinstance(value, ast.List | ast.Tuple):
            return all(map(self._is_safe, value.elts))
        if isinstance(value, ast.Starred):
            return False
        if isinstance(value, ast.Name):
            return self.holds(value.id, self._is_safe)
        if isinstance(value, ast.Call):
            return (
                _called(value) in MADE_OF_TEXT
                or _of(value) in MADE_OF_TEXT
                or self._is_widget(value)
            )
        return False

    def _is_widget(self, call: ast.Call) -> bool:
        """An option or a selection made in place: its own prompt is looked at by itself."""
        return _called(call) in WIDGETS


def _is_mapping(value: ast.expr) -> bool:
    return isinstance(value, NOT_TEXT) or (isinstance(value, ast.Call) and _of(value) == "dict")


def _says(call: ast.Call, name: str, wanted: object) -> bool:
    return any(
        k.arg == name and isinstance(k.value, ast.Constant) and k.value.value is wanted
        for k in call.keywords
    )


class _Prints(_Reading):
    def found(self) -> Iterator[Finding]:
        for call in self.calls():
            name = _called(call)
            written = name == "write" and _of(call) in ("stdout", "stderr")
            if (
                name in ("echo", "secho")
                or written
                or (name == "print" and isinstance(call.func, ast.Name))
            ):
                for value in call.args:
                    if not self._is_clean(value):
                        yield Finding(value.lineno, f"{name}({ast.unparse(value)[:70]})")

    def _is_clean(self, value: ast.expr) -> bool:
        if isinstance(value, ast.Constant | ast.Compare):
            return True
        if isinstance(value, ast.JoinedStr):
            return all(map(self._is_clean_part, value.values))
        if isinstance(value, ast.IfExp):
            return self._is_clean(value.body) and self._is_clean(value.orelse)
        if isinstance(value, ast.BoolOp):
            return all(map(self._is_clean, value.values))
        if isinstance(value, ast.BinOp):
            return self._is_clean(value.left) and self._is_clean(value.right)
        if isinstance(value, ast.List | ast.Tuple):
            return all(map(self._is_clean, value.elts))
        if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Slice):
            return self._is_clean(value.value)
        if isinstance(value, ast.Name):
            return self.holds(value.id, self._is_clean)
        if isinstance(value, ast.Call):
            return self._is_clean_call(value)
        return False

    def _is_clean_part(self, part: ast.expr) -> bool:
        if not isinstance(part, ast.FormattedValue):
            return True
        spec = ast.unparse(part.format_spec) if part.format_spec is not None else ""
        number = any(sign in spec for sign in (",", ".0f", ".1f", "d'", "%"))
        return number or self._is_clean(part.value) or ast.unparse(part.value) == "__version__"

    def _is_clean_call(self, call: ast.Call) -> bool:
        name = _called(call)
        if name == "dumps":
            return not _says(call, "ensure_ascii", False)
        if name in CLEANERS:
            return True
        if name == "styled" or (name == "str" and len(call.args) == 1):
            return self._is_clean(call.args[0])
        if name in ("rstrip", "lstrip", "strip", "expandtabs", "ljust", "rjust") and isinstance(
            call.func, ast.Attribute
        ):
            return self._is_clean(call.func.value)
        return name == "ref" and _of(call) == "desk"
