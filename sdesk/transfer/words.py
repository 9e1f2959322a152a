"""The words of other service desks: months, states, priorities, levels, channels and kinds.

Every key is `plain`: lower case, without accents and punctuation. English, Spanish, German, and
where they differ little French, Portuguese, Italian, Dutch, Finnish and Swedish.
"""

from __future__ import annotations

from functools import lru_cache

from sdesk.model import Channel, Kind
from sdesk.text import fold


@lru_cache(maxsize=65_536)
def plain(text: str) -> str:
    """The words of a short text, comparable: "En curso" and "EN CURSO" are one."""
    return fold(text)


def slug(text: str) -> str:
    """A key made of a name: "Group 56" is "group-56". Empty when no letter or digit is in it."""
    return plain(text).replace(" ", "-")[:60].strip("-")


def _months() -> dict[str, int]:
    lists = (
        "january february march april may june july august september october november december",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "januar februar marz april mai juni juli august september oktober november dezember",
        "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
        "janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro",
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "januari februari maart april mei juni juli augustus september oktober november december",
        "januari februari mars april maj juni juli augusti september oktober november december",
        "tammikuu helmikuu maaliskuu huhtikuu toukokuu kesakuu heinakuu elokuu syyskuu lokakuu marraskuu joulukuu",
        "tammi helmi maalis huhti touko kesa heina elo syys loka marras joulu",
    )
    found: dict[str, int] = {}
    short: dict[str, set[int]] = {}
    for names in lists:
        for number, name in enumerate(names.split(), 1):
            found.setdefault(name, number)
            for length in (3, 4, 5):
                short.setdefault(name[:length], set()).add(number)
    # "mar" is March everywhere but in Finnish, which writes "marras".
    short["mar"] = {3}
    for beginning, numbers in short.items():
        if len(numbers) == 1:
            found.setdefault(beginning, *numbers)
    return found | {"sept": 9, "mrz": 3, "maerz": 3}


MONTHS = _months()


def _table(groups: dict[str, str]) -> dict[str, str]:
    return {word.strip(): value for value, words in groups.items() for word in words.split("|")}


STATES = _table(
    {
        "new": "new|neu|nuevo|nueva|nouveau|novo|nuovo|nieuw|uusi|ny|unassigned|submitted|received",
        "open": "open|opened|active|assigned|accepted|in progress|work in progress|wip|to do|todo|reopened"
        "|waiting for support|escalated|investigating|under review|selected for development|backlog"
        "|abierto|abierta|en curso|en progreso|en proceso|por hacer|tareas por hacer|esperando soporte|reabierto|reabierta"
        "|offen|in arbeit|in bearbeitung|aktiv|zu erledigen|warten auf support|wiedereroffnet|zugewiesen"
        "|ouvert|en cours|aberto|em andamento|aperto|in corso|avoin|oppen",
        "waiting-customer": "pending|waiting|awaiting user info|awaiting customer|waiting for customer|waiting for user"
        "|waiting for requester|awaiting evidence|awaiting caller|on hold|hold|waiting for reply"
        "|pendiente|esperando al cliente|esperando por el cliente|en espera|pendiente del cliente"
        "|wartend|warten auf kunden|warten auf kunde|wartet auf kunden|zuruckgestellt|en attente|odottaa",
        "waiting-supplier": "awaiting vendor|waiting for vendor|waiting for supplier|waiting for third party|awaiting problem"
        "|awaiting change|pending vendor|esperando al proveedor|warten auf lieferanten|warten auf lieferant",
        "scheduled": "scheduled|planned|programado|geplant|planificado",
        "resolved": "resolved|solved|done|fixed|completed|complete|answered"
        "|resuelto|resuelta|listo|hecho|finalizado|finalizada|completado"
        "|gelost|erledigt|fertig|resolu|resolvido|risolto|ratkaistu|lost",
        "closed": "closed|archived|cerrado|cerrada|geschlossen|ferme|fechado|chiuso|suljettu|stangd|gesloten",
        "cancelled": "cancelled|canceled|rejected|declined|wont do|won t do|withdrawn|deleted"
        "|cancelado|cancelada|rechazado|abgebrochen|abgelehnt|storniert|annule|peruttu",
    }
)

PRIORITIES = {
    word: int(level)
    for word, level in _table(
        {
            "1": "1|p1|critical|highest|blocker|emergency|urgent|critica|critico|mas alta|maxima|urgente|hochste|kritisch|sehr hoch|dringend",
            "2": "2|p2|high|major|alta|alto|hoch|importante|haute|korkea",
            "3": "3|p3|medium|moderate|normal|standard|media|medio|mittel|moyenne|normaali",
            "4": "4|p4|5|p5|low|lowest|minor|trivial|planning|baja|bajo|mas baja|niedrig|niedrigste|gering|sehr niedrig|basse|matala",
        }
    ).items()
}
LEVELS = {
    word: int(level)
    for word, level in _table(
        {
            "1": "1|high|highest|critical|urgent|extensive|widespread|alta|alto|hoch|critica|kritisch|extensive widespread",
            "2": "2|medium|moderate|normal|significant|large|media|medio|mittel|significant large|0",
            "3": "3|4|5|low|lowest|minor|minimal|localized|moderate limited|minor localized|planning|baja|bajo|niedrig|gering",
        }
    ).items()
}
CHANNELS = _table(
    {
        Channel.PHONE: "phone|telephone|call|voice|telefono|telefon|puhelin",
        Channel.MAIL: "mail|email|e mail|correo|correo electronico|sahkoposti",
        Channel.WEB: "web|self service|portal|customer portal|web form|web widget|website|api|form|formulario",
        Channel.CHAT: "chat|messaging|slack|teams|virtual agent",
        Channel.WALK_IN: "walk in|in person|counter",
        Channel.MONITORING: "monitoring|event|alert|event management|monitor",
        Channel.IMPORT: "import|other|otro|sonstige",
    }
)
KINDS = _table(
    {
        Kind.INCIDENT: "incident|bug|fault|error|report an incident|incidente|incidencia|storung|vorfall|fehler|issue|it help|support",
        Kind.REQUEST: "request|service request|task|story|sub task|subtask|feature|improvement|new feature|epic|access request"
        "|solicitud|solicitud de servicio|peticion|tarea|historia|subtarea|mejora|serviceanfrage|anfrage|aufgabe|unteraufgabe"
        "|service request with approvals|get it help|request for service|rfs|ticket",
        Kind.QUESTION: "question|ask a question|consulta|pregunta|frage",
        Kind.COMPLAINT: "complaint|queja|reclamacion|beschwerde",
        Kind.PROBLEM: "problem|problema",
        Kind.CHANGE: "change|change request|normal change|standard change|cambio|anderung",
        Kind.RELEASE: "release|version|lanzamiento",
    }
)
