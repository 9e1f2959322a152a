"""What `[notify]` and `[webhook]` may say, and how everything else is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from pathlib import Path

import pytest

from sdesk.errors import Usage
from sdesk.notify.settings import Settings, unknown_names

Configured = Callable[[str], Settings]

WHOLE = """
[notify.targets.ana-phone]
agent = "ana"
url_file = "~/.config/sdesk/ana.url"
kinds = ["mention", "escalation", "new"]
min_priority = 2
quiet = "22:00-07:00"
loud = []
batch = "60s"
on_call = "network"
unless_seen = false

[notify.targets.team]
queue = "network"
command = ["/usr/local/bin/page", "--team"]

[webhook.crm]
url = "https://hook.example.org/sdesk"
secret_file = "/etc/sdesk/crm"
events = ["opened", "resolved"]
query = "priority:1"
allow = ["10.0.0.5"]
"""


def test_all_that_can_be_said_is_understood(configured: Configured) -> None:
    found = configured(WHOLE)
    phone, team = found.targets
    assert (phone.agent, phone.min_priority, phone.batch, phone.on_call) == (
        "ana",
        2,
        60,
        "network",
    )
    assert phone.quiet is not None
    assert phone.quiet.start == time(22)
    assert (phone.loud, phone.unless_seen) == (frozenset(), False)
    assert phone.kinds == {"mention", "escalation", "new"}
    assert team.command == ("/usr/local/bin/page", "--team")
    assert team.kinds == {"mention", "assigned", "warning", "escalation"}
    (hook,) = found.hooks
    assert hook.where.host == "hook.example.org"
    assert hook.events == {"opened", "resolved"}
    assert found.names == ["ana-phone", "team", "webhook.crm"]
    assert found.target("webhook.crm") == hook
    assert found.target("nobody") is None


def test_nothing_is_said_without_a_file(tmp_path: Path, configured: Configured) -> None:
    assert not configured("")
    assert configured(WHOLE)


T = '[notify.targets.x]\nagent = "ana"\n'
U = T + 'url = "json://127.0.0.1"\n'
W = '[webhook.x]\nsecret_file = "/s"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (U + 'kind = "mention"', r"line 4: there is no setting 'kind' .* 'kinds'"),
        (U + 'kinds = ["mentions"]', r"line 4: there is no kind 'mentions'.* 'mention'"),
        (U + 'kinds = "mention"', "line 4: 'kinds' is a list"),
        (U + 'quiet = "22-7"', "line 4: '22-7' are no quiet hours"),
        (U + 'batch = "soon"', "line 4: 'batch': 'soon'"),
        (U + 'batch = "2h"', "line 4: 'batch' is an hour"),
        (U + "min_priority = 5", "line 4: a priority is"),
        (U + 'queue = "network"', "of an agent or of a queue"),
        (U + 'command = ["/bin/true"]', "'x' has two ways"),
        (U + 'url_file = "/u"', "'x' has two ways"),
        (T, "'x' has no way"),
        (T + 'command = ["page"]', "'page' is no full path"),
        ('[notify.targets.x]\nurl = "json://h"', "neither agent nor queue"),
        ('[notify.targets.x]\nqueue = "q"\non_call = "q"\nurl = "json://h"', "'on_call' needs"),
        ("[notify.target.x]\n", r"there is no setting 'target' .* 'targets'"),
        ('[notify.oncall.network]\nagents = ["ana"]', "sdesk oncall"),
        ('[notify.targets."a b"]\nagent = "ana"', "'a b' is no name"),
        ('[notify.targets]\nx = "json://h"', "'x' is a table"),
        ('[webhook.x]\nurl = "https://hook.example.org/"', "no secret to sign with"),
        (W + 'url = "http://hook.example.org/"', "line 3: http without TLS"),
        (W + 'url = "https://127.0.0.1/"', "line 3: 127.0.0.1 .* inside"),
        (W + 'url = "https://0x7f.1/"', "line 3: .* in disguise"),
        (W + 'url = "https://h.example/"\nevents = ["Opened!"]', "line 4: 'Opened!' is no event"),
        (W + 'url = "https://h.example/"\nallow = ["here"]', "line 4: 'here' in 'allow'"),
        (W + 'url = "https://h.example/"\nquery = "prioritty:1"', r"line 4: Column 1: .* 'priority'"),
        (W + 'url = "https://h.example/"\nsecret = "x"', "there is no setting 'secret'"),
        (W + 'url = "https://h.example/"\nsecret_command = ["pass"]', "are both set"),
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused_with_its_line(
    configured: Configured, text: str, said: str
) -> None:
    with pytest.raises(Usage, match=said):
        configured(text)


def test_names_that_are_not_there_are_told_with_the_nearest(configured: Configured) -> None:
    found = configured(WHOLE.replace('"network"', '"netwrk"').replace('"ana"', '"anna"'))
    told = list(unknown_names(found, ["ana", "ben"], ["network"]))
    assert [said.partition(": ")[2] for said, _ in told] == [
        "no active agent 'anna'", "no queue 'netwrk'", "no queue 'netwrk'",
    ]  # fmt: skip
    assert told[0][1] == "Did you mean 'ana'?"
