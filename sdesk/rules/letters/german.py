"""What the desk writes in German."""

from __future__ import annotations

from sdesk.rules.letters.template import Template

ACKNOWLEDGEMENT = Template(
    "[{ref}] Ihre Nachricht ist angekommen",
    """\
Guten Tag,

vielen Dank für Ihre Nachricht. Sie ist bei uns angekommen und hat die Nummer {ref}.

Wir sehen sie uns an und antworten Ihnen hier. Möchten Sie etwas ergänzen, antworten Sie einfach auf diese Mail und lassen Sie [{ref}] im Betreff stehen.

Sie haben uns gar nicht geschrieben? Dann beachten Sie diese Mail bitte nicht; Sie bekommen keine weitere.

{signature}
""",
)
UPDATE = Template(
    "[{ref}] {subject|Ihre Anfrage}",
    """\
{text}

{signature}
""",
)
REMINDER = Template(
    "[{ref}] Wir warten auf Ihre Antwort: {subject|Ihre Anfrage}",
    """\
Guten Tag {requester|},

um mit Ihrer Anfrage weiterzukommen, brauchen wir eine Antwort von Ihnen. Das haben wir gefragt:

{text}

Eine kurze Antwort auf diese Mail genügt. Hat es sich erledigt, freuen wir uns auch darüber über ein Wort.
Ohne Antwort betrachten wir die Anfrage am {date} als erledigt.

{signature}
""",
)
RESOLVED = Template(
    "[{ref}] Gelöst? {subject|Ihre Anfrage}",
    """\
Guten Tag {requester|},

wir glauben, dass Ihre Anfrage gelöst ist.

{text}

Funktioniert es bei Ihnen? Dann brauchen Sie nichts zu tun: Wir schließen die Anfrage am {date}.
Sie können es auch hier bestätigen: {link}

Wenn es noch nicht funktioniert, antworten Sie einfach auf diese Mail; dann machen wir weiter.

{signature}
""",
)
CLOSED = Template(
    "[{ref}] Geschlossen: {subject|Ihre Anfrage}",
    """\
Guten Tag {requester|},

Ihre Anfrage {ref} ist nun geschlossen. Vielen Dank für Ihre Mithilfe.

Falls es wieder auftritt, antworten Sie auf diese Mail: Wir finden dann die ganze Geschichte wieder.

{signature}
""",
)
SURVEY = Template(
    "[{ref}] Wie zufrieden sind Sie?",
    """\
Guten Tag {requester|},

Ihre Anfrage {ref} ist geschlossen. Dürfen wir Ihnen eine Frage stellen: Wie zufrieden sind Sie mit unserer Hilfe?

Antworten Sie mit einer Zahl von 1 (gar nicht) bis 5 (sehr), gern auch mit ein paar Worten dazu.
Oder wählen Sie hier: {link}

Ihre Antwort erhalten die Menschen, die an unserem Service arbeiten; sie bleibt bei der Anfrage.

{signature}
""",
)
PLANNED = Template(
    "Geplante Arbeiten: {title}",
    """\
Guten Tag,

wir planen Arbeiten, die Sie betreffen können: {title}

Beginn: {starts}
Ende: {ends}

{text}

Sie brauchen nichts zu tun. Wenn sich die Zeiten ändern, schreiben wir Ihnen wieder.

{signature}
""",
)
OUTAGE = Template(
    "Störung: {title}",
    """\
Guten Tag,

zurzeit funktioniert etwas nicht: {title}

Seit: {starts}
Voraussichtlich bis: {ends}

{text}

Wir arbeiten daran und sagen Ihnen, wenn es wieder funktioniert. Sie brauchen es nicht zu melden.

{signature}
""",
)
RESTORED = Template(
    "Behoben: {title}",
    """\
Guten Tag,

es funktioniert wieder: {title}

Seit: {ends}

{text}

Haben Sie damit noch Schwierigkeiten, schreiben Sie uns bitte. Vielen Dank für Ihre Geduld.

{signature}
""",
)
CANCELLED = Template(
    "Findet nicht statt: {title}",
    """\
Guten Tag,

die angekündigten Arbeiten finden nicht statt: {title}

Geplanter Beginn: {starts}

{text}

Sie brauchen nichts zu tun.

{signature}
""",
)
TEMPLATES = {
    "acknowledgement": ACKNOWLEDGEMENT, "update": UPDATE, "reminder": REMINDER,
    "resolved": RESOLVED, "closed": CLOSED, "survey": SURVEY,
    "planned": PLANNED, "outage": OUTAGE, "restored": RESTORED,
    "cancelled": CANCELLED,
}  # fmt: skip
