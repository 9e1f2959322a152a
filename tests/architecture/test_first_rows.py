"""What is not loaded before the desk's first rows stand: it would cost every start."""

from __future__ import annotations

import subprocess
import sys

STARTS = "sdesk.cli.presenter sdesk.cli.session sdesk.cli.start sdesk.app sdesk.desk sdesk.screens.queue sdesk.screens.drafts sdesk.terminal.driver"
LATER = (
    "typer sqlmodel sqlalchemy pydantic email imaplib smtplib http.client urllib.request concurrent.futures.process"
    " sdesk.mail sdesk.notify sdesk.alerts sdesk.portal sdesk.cli.program sdesk.present.events sdesk.rules.sla"
    " sdesk.rules.suggestion sdesk.screens.ticket sdesk.screens.sla sdesk.screens.triage sdesk.screens.dialogs.pick"
    " sdesk.screens.commands sdesk.store.engine sdesk.store.reads.alarms sdesk.store.reads.lessons"
    " sdesk.store.reads.letters sdesk.transfer"
)


def test_the_first_rows_load_nothing_that_they_do_not_need() -> None:
    code = f"import sys, importlib\nfor name in {STARTS.split()!r}: importlib.import_module(name)\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert not sorted(loaded.intersection(LATER.split()))
