"""No text from outside meets a widget as a plain `str`, nor standard output without the cleaner."""

from __future__ import annotations

from pathlib import Path

from tests.architecture.text_guard import markup_findings, print_findings
from tests.each import each

PACKAGE = Path(__file__).parents[2] / "sdesk"
SCREENS = [
    path
    for path in sorted(PACKAGE.rglob("*.py"))
    if any(word in path.read_text(encoding="utf-8") for word in ("textual", "rich", "webbrowser"))
]
COMMANDS = [*sorted((PACKAGE / "cli").rglob("*.py")), PACKAGE / "__main__.py"]

UNGUARDED = {
    "Static(subject)": "from textual.widgets import Static\ndef f(subject): Static(subject)",
    "Label(f-string)": "from textual.widgets import Label\ndef f(x): Label(f'of {x}')",
    "Button(attribute)": "from textual.widgets import Button\ndef f(t): Button(t.name)",
    "Button(tooltip)": "from textual.widgets import Button\ndef f(t): Button('ok', tooltip=t)",
    "Option(call)": "from textual.widgets.option_list import Option\ndef f(x): Option(str(x))",
    "OptionList(*names)": "from textual.widgets import OptionList\ndef f(n): OptionList(*n)",
    "Select(options)": "from textual.widgets import Select\ndef f(n): Select(n)",
    "SelectionList": "from textual.widgets import SelectionList\ndef f(n): SelectionList(*n)",
    "Collapsible(title)": "from textual.widgets import Collapsible\ndef f(n): Collapsible(title=n)",
    "TabPane": "from textual.widgets import TabPane\ndef f(n): TabPane(n)",
    "TextArea(placeholder)": "from textual.widgets import TextArea\ndef f(n): TextArea(placeholder=n)",
    "notify(error)": "def f(app, e): app.notify(str(e))",
    "notify(message=)": "def f(app, e): app.notify(message=e, markup=True)",
    "border_title": "def f(w, s): w.border_title = s",
    "border_subtitle": "def f(w, s): w.border_subtitle = f'{s}!'",
    "tooltip": "def f(w, s): w.tooltip = s + 'x'",
    "DataTable.add_row": "def f(t, s): t.add_row('1', s)",
    "DataTable.add_column": "def f(t, s): t.add_column(s)",
    "DataTable.update_cell": "def f(t, s): t.update_cell('a', 'b', s)",
    "Tree.add_leaf": "def f(t, s): t.root.add_leaf(s)",
    "update": "def f(w, s): w.query_one('#x').update(s)",
    "update joined": "def f(w, s): w.update('\\n'.join(s))",
    "from_markup": "from rich.text import Text\ndef f(s): return Text.from_markup(s)",
    "from_markup f-string": "from textual.content import Content\ndef f(s): return Content.from_markup(f'[b]{s}[/b]')",
    "Panel": "from rich.panel import Panel\ndef f(s): return Panel(s)",
    "console.print": "def f(console, s): console.print(s)",
    "console.print f": "def f(console, s): console.print(f'{s}', style='red')",
    "rich print": "from rich import print",
    "escape": "from rich.markup import escape",
    "textual escape": "from textual.markup import escape as e",
    "MarkdownViewer": "from textual.widgets import MarkdownViewer",
    "Markdown": "from textual.widgets import Markdown\nMarkdown('x')",
    "open_url": "def f(app, u): app.open_url(u)",
    "webbrowser": "import webbrowser",
    "subclass": "from textual.widgets import Static\nclass A(Static):\n def __init__(self, s): super().__init__(s)",
    "a name that may be both": "from textual.widgets import Static\nfrom textual.content import Content\n"
    "def f(s):\n x = Content(s)\n x = s\n Static(x)",
    "exit": "def f(app, s): app.exit(message=s)",
    "constant": "from textual.widgets import Static\nStatic('[b]x')",
    "RichLog": "from textual.widgets import RichLog\nRichLog(markup=True)",
    "progress": "from rich.progress import TextColumn\ndef f(x): TextColumn(x)",
}  # fmt: skip
GUARDED = {
    "Content": "from textual.widgets import Static\nfrom textual.content import Content\ndef f(s): Static(Content(s))",
    "literal": "from textual.widgets import Static\nStatic('plain', id='x')",
    "a constant": "from textual.widgets import Static\nKEYS = 'q quit'\nStatic(KEYS)",
    "markup=False": "def f(app, e): app.notify(str(e), markup=False)",
    "a name": "from textual.widgets import Static\nfrom rich.text import Text\ndef f(s):\n x = Text(s)\n Static(x)",
    "either": "from textual.widgets import Static\nfrom rich.text import Text\ndef f(s): Static(Text(s) if s else '')",
    "substituted": "from textual.content import Content\ndef f(s): return Content.from_markup('[b]$v[/b]', v=s)",
    "a mapping": "def f(d, rows): d.update((r.id, r) for r in rows)",
    "our own Tab": "from sdesk.widgets.tabs import Tab\ndef f(v): Tab(v.name)",
    "Markdown": "from textual.widgets import Markdown\nMarkdown('x', open_links=False)",
    "Input": "from textual.widgets import Input\ndef f(s): Input(s, placeholder=s)",
}  # fmt: skip
UNCLEAN = (
    "def f(t): print(t.subject)",
    "def f(t): print(f'is {t}')",
    "def f(t): print('a', t)",
    "import typer\ndef f(t): typer.echo(t)",
    "import typer\ndef f(t): typer.secho(f'{t:<10}')",
    "import sys\ndef f(t): sys.stdout.write(t + '\\n')",
    "import json\ndef f(t): print(json.dumps(t, ensure_ascii=False))",
    "def f(t):\n x = clean(t)\n x = t\n print(x)",
    "def f(t): print('\\n'.join(t))",
)
CLEAN = (
    "def f(t): print(clean_line(t.subject))",
    "def f(n): print(f'{n:,} rows in {len(n)}')",
    "def f(desk, t): print(desk.ref(t))",
    "def f(t):\n x = clean(t)\n print(x, end='')",
    "import json\ndef f(t): print(json.dumps(t))",
    "def f(t): print(clean('\\n'.join(t)))",
    "def f(t): print(styled(clean_line(t), 'title'))",
)


@each("source", UNGUARDED.values(), ids=UNGUARDED)
def test_unguarded_text_is_found(source: str) -> None:
    assert markup_findings(source)


@each("source", GUARDED.values(), ids=GUARDED)
def test_guarded_text_is_left_alone(source: str) -> None:
    assert not markup_findings(source)


@each("source", UNCLEAN)
def test_an_uncleaned_print_is_found(source: str) -> None:
    assert print_findings(source)


@each("source", CLEAN)
def test_a_cleaned_print_is_left_alone(source: str) -> None:
    assert not print_findings(source)


def test_no_text_from_outside_meets_a_widget_as_markup() -> None:
    found = {
        f"{path.relative_to(PACKAGE)}:{line}: {said}"
        for path in SCREENS
        for line, said in markup_findings(path.read_text(encoding="utf-8"))
    }
    assert not found, "\n".join(sorted(found))


def test_the_command_line_prints_nothing_uncleaned() -> None:
    found = {
        f"{path.relative_to(PACKAGE)}:{line}: {said}"
        for path in COMMANDS
        for line, said in print_findings(path.read_text(encoding="utf-8"))
    }
    assert not found, "\n".join(sorted(found))
