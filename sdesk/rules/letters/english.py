"""What the desk writes in English."""

from __future__ import annotations

from sdesk.rules.letters.template import Template

ACKNOWLEDGEMENT = Template(
    "[{ref}] We have received your message",
    """\
Hello,

thank you for writing to us. Your message has arrived and has the number {ref}.

Somebody will look at it and answer you here. If you want to add something, simply reply to this mail and leave [{ref}] in the subject.

Did you not write to us? Then please ignore this mail; nobody will write to you again.

{signature}
""",
)
UPDATE = Template(
    "[{ref}] {subject|Your request}",
    """\
{text}

{signature}
""",
)
REMINDER = Template(
    "[{ref}] We are waiting for your answer: {subject|your request}",
    """\
Hello {requester.first|again},

to go on with your request we need an answer from you. This is what we asked:

{text}

A short reply to this mail is enough. If it has settled itself, please tell us as well.
Without an answer we will take it as settled on {date}.

{signature}
""",
)
RESOLVED = Template(
    "[{ref}] Solved? {subject|Your request}",
    """\
Hello {requester.first|again},

we believe that your request is solved.

{text}

Does it work for you? Then there is nothing to do: we close it on {date}.
You can also confirm it here: {link}

If it still fails, simply reply to this mail and we go on with it.

{signature}
""",
)
CLOSED = Template(
    "[{ref}] Closed: {subject|Your request}",
    """\
Hello {requester.first|again},

your request {ref} is closed now. Thank you for your help.

If it comes back, reply to this mail: we will find the whole story again.

{signature}
""",
)
SURVEY = Template(
    "[{ref}] How did we do?",
    """\
Hello {requester.first|again},

your request {ref} is closed. May we ask one question: how satisfied are you with our help?

Reply with a number from 1 (not at all) to 5 (very much), and add a few words if you like.
Or choose here: {link}

Your answer goes to the people who work on our service, and is kept with the request.

{signature}
""",
)
PLANNED = Template(
    "Planned work: {title}",
    """\
Hello,

we are planning work that may concern you: {title}

Begins: {starts}
Ends: {ends}

{text}

There is nothing you need to do. We will write again if the times change.

{signature}
""",
)
OUTAGE = Template(
    "Outage: {title}",
    """\
Hello,

something does not work at the moment: {title}

Since: {starts}
Expected to end: {ends}

{text}

We are working on it and will tell you when it works again. You need not report it.

{signature}
""",
)
RESTORED = Template(
    "Works again: {title}",
    """\
Hello,

it works again: {title}

Since: {ends}

{text}

If you still have trouble with it, please write to us. Thank you for your patience.

{signature}
""",
)
CANCELLED = Template(
    "Does not take place: {title}",
    """\
Hello,

the planned work that we told you of does not take place: {title}

It was to begin: {starts}

{text}

There is nothing you need to do.

{signature}
""",
)
TEMPLATES = {
    "acknowledgement": ACKNOWLEDGEMENT, "update": UPDATE, "reminder": REMINDER,
    "resolved": RESOLVED, "closed": CLOSED, "survey": SURVEY,
    "planned": PLANNED, "outage": OUTAGE, "restored": RESTORED,
    "cancelled": CANCELLED,
}  # fmt: skip
