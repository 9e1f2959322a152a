"""What a new desk begins with, as operations: queues, states, hours, promises, views and texts.

All of it is data that an administrator changes afterwards. Public holidays are copied out of the
`holidays` library here and never asked for again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sdesk.errors import Invalid, did_you_mean
from sdesk.model import Role, StateCategory
from sdesk.ops import (
    Op,
    SaveAgent,
    SaveCalendar,
    SaveCategory,
    SaveMacro,
    SavePolicy,
    SaveQueue,
    SaveSetting,
    SaveState,
    SaveTemplate,
    SaveView,
)
from sdesk.rules import closing

if TYPE_CHECKING:
    from collections.abc import Iterable

INTAKE = "service-desk"
ROUND_THE_CLOCK = "24/7"
YEARS_BACK, YEARS_AHEAD = 3, 5
"""The span of holidays that is copied, around the year of the set-up."""
WORKING_DAYS = ("mon", "tue", "wed", "thu", "fri")
OFFICE_HOURS = ("08:00", "16:00")

QUEUES = (
    SaveQueue(INTAKE, "Service desk", tier=1),
    SaveQueue("network", "Network", tier=2),
    SaveQueue("workplace", "Workplace", tier=2),
    SaveQueue("applications", "Applications", tier=2),
)
STATES = (
    ("new", "New", StateCategory.NEW),
    ("open", "Open", StateCategory.OPEN),
    ("waiting-customer", "Waiting for customer", StateCategory.WAITING),
    ("waiting-supplier", "Waiting for supplier", StateCategory.WAITING),
    ("scheduled", "Scheduled", StateCategory.WAITING),
    ("resolved", "Resolved", StateCategory.RESOLVED),
    ("closed", "Closed", StateCategory.CLOSED),
    ("cancelled", "Cancelled", StateCategory.CLOSED),
)
PAUSING = ["scheduled", "waiting-customer"]
"""States in which the desk can do nothing. Waiting for a supplier is the desk's own time."""
NIGHT = ["18:00", "07:00"]
"""Nobody is told of what is not critical then; it waits until the morning."""
VIEWS = (
    ("Mine", "state:open assignee:me sort:due"),
    ("Unassigned", "state:open is:unassigned sort:due"),
    ("At risk", "is:at-risk sort:due"),
    ("Waiting", "state:waiting sort:until"),
    ("Mentions", "mentions:me sort:-updated"),
    ("Reopened", "state:open is:reopened sort:due"),
    ("VIP", "state:open is:vip sort:due"),
    ("All", "state:open sort:due"),
)
COMING_BACK = (("alert", "until<now"), ("warn", "until<1d"))
"""Colours of what waits: overdue to come back, and back within a day."""
CATEGORIES = (
    "Access", "Access / Account", "Access / Password", "Access / Permission",
    "Hardware", "Hardware / Laptop", "Hardware / Phone", "Hardware / Printer", "Hardware / Screen",
    "Network", "Network / VPN", "Network / Wi-Fi", "Network / Wired",
    "Software", "Software / E-mail", "Software / Office", "Software / Business application",
    "Service", "Service / New employee", "Service / Leaving employee", "Service / Order",
)  # fmt: skip
TEMPLATES = {
    "Received": "Hello,\n\nthank you for your message. We are looking into it and will come back to you.\n",
    "More information": "Hello,\n\nto help you we need to know a little more:\n\n- since when does it happen?\n- what do you see on the screen?\n- does it happen to others as well?\n",
    "Solved": "Hello,\n\nthis should work again. If it does not, please answer this message and we will take it up again.\n",
    "No answer": "Hello,\n\nwe have not heard from you and take it that all is well. If it is not, please answer this message.\n",
}
MACROS = (
    SaveMacro(
        "Ask for more", "Hello {requester.first|there},\n\nto help you with \"{subject}\" we need to know a little more:\n\n- since when does it happen?\n- what do you see on the screen?\n- does it happen to others as well?\n\n{agent.name}\n{desk}\n",
        ("take", "wait customer asked for more"),
    ),
    SaveMacro(
        "Call back", "Called {requester}: {ask:What was said?}", ("take", "tag called"), note=True,
    ),
    SaveMacro(
        "No answer", "Hello {requester.first|there},\n\nwe have not heard from you about \"{subject}\" and take it that all is well. If it is not, please answer this message.\n\n{agent.name}\n{desk}\n",
        ("resolve no-answer",),
    ),
    SaveMacro(
        "Part ordered", "", ("wait {ask.days} supplier ordered: {ask.part}", "tag ordered"),
        (("part", "Which part?"), ("days", "In how many days does it come?")),
    ),
    SaveMacro(
        "Solved", "Hello {requester.first|there},\n\n\"{subject}\" should work again. If it does not, please answer this message and we will take it up again.\n\n{agent.name}\n{desk}\n",
        ("resolve solved",),
    ),
    SaveMacro("To network", "", ("queue network", "assign nobody", "note Passed on by {agent.name}: {ask:What has been tried?}")),
)  # fmt: skip
"""Macros that a new desk begins with."""


def default_setup(
    *, name: str, prefix: str, zone: str, country: str, admin_login: str, admin_name: str, year: int
) -> list[Op]:
    """The operations that set a new desk up, in the order in which they have to be applied.

    `country` is an ISO code such as FI, or with a region DE-BY; empty for no holidays. Raises
    `Invalid` for a prefix, zone or country that isn't one.
    """
    office = office_name(zone)
    calendar = office_calendar(
        office, zone, country, range(year - YEARS_BACK, year + YEARS_AHEAD + 1)
    )
    settings = {
        "name": name, "prefix": check_prefix(prefix), "zone": zone, "country": country.upper(),
        "intake_queue": INTAKE, "calendar": office, closing.SETTING: closing.DEFAULT,
    }  # fmt: skip
    setup: list[Op] = [SaveSetting(key, value) for key, value in settings.items()]
    setup += [SaveState(*state, position=10 * i) for i, state in enumerate(STATES, start=1)]
    setup += [SaveCalendar(office, calendar), SaveCalendar(ROUND_THE_CLOCK, round_the_clock())]
    setup += QUEUES
    setup.append(SaveAgent(admin_login, admin_name, role=Role.ADMIN, queues=(INTAKE,)))
    setup += policies(office)
    setup += [SaveCategory(path) for path in CATEGORIES]
    setup += [
        SaveView(
            name,
            query,
            shared=True,
            position=10 * i,
            colours=COMING_BACK if name == "Waiting" else (),
        )
        for i, (name, query) in enumerate(VIEWS, start=1)
    ]
    setup += [SaveTemplate(title, text) for title, text in TEMPLATES.items()]
    setup += MACROS
    return setup


def check_prefix(prefix: str) -> str:
    """The prefix of ticket numbers: one to eight letters and digits, a letter first."""
    if not (prefix.isascii() and prefix.isalnum() and prefix[:1].isalpha() and len(prefix) <= 8):
        raise Invalid(f"Prefix '{prefix}': one to eight letters and digits, a letter first.", "For example SD.")  # fmt: skip
    return prefix.upper()


def office_name(zone: str) -> str:
    """ "Helsinki office" for Europe/Helsinki."""
    city = zone.rpartition("/")[2].replace("_", " ")
    return "Office" if "/" not in zone or zone.startswith("Etc/") else f"{city} office"


def office_calendar(name: str, zone: str, country: str, years: Iterable[int]) -> dict[str, Any]:
    """Weekdays eight to four, less the country's public holidays."""
    # Here, not above: only setting a desk up pays for it.
    from sdesk.rules.calendar import Calendar

    hours = {day: [OFFICE_HOURS] for day in WORKING_DAYS}
    holidays = public_holidays(country, years)
    return Calendar(name=name, zone=zone, hours=hours, holidays=holidays).to_json()


def round_the_clock() -> dict[str, Any]:
    from sdesk.rules.calendar import Calendar

    return Calendar.always(ROUND_THE_CLOCK).to_json()


def public_holidays(country: str, years: Iterable[int]) -> list[str]:
    """The public holidays of "FI", or of a region as in "DE-BY", as ISO dates; none for ""."""
    if not country:
        return []
    import holidays

    code, _, region = country.upper().partition("-")
    supported = holidays.list_supported_countries()
    if code not in supported:
        hint = did_you_mean(code, [c for c in supported if len(c) == len(code)])
        raise Invalid(
            f"Country '{country}' is not known.", hint or "Give its ISO code: FI, DE, DE-BY."
        )
    if region and region not in supported[code]:
        raise Invalid(
            f"{code} has no region '{region}'.", "Known: " + ", ".join(supported[code]) + "."
        )
    days = holidays.country_holidays(code, subdiv=region or None, years=years)
    return sorted(day.isoformat() for day in days)


def policies(office: str) -> list[Op]:
    """The promises: critical tickets around the clock, requests in days, all else by priority."""
    incidents = {
        "response": {"1": "15m", "2": "1h", "3": "4h", "4": "8h"},
        "resolution": {"1": "4h", "2": "8h", "3": "24h", "4": "40h"},
    }
    requests = {
        "response": {"1": "1h", "2": "4h", "3": "8h", "4": "16h"},
        "resolution": {"1": "8h", "2": "24h", "3": "40h", "4": "80h"},
    }
    return [
        _policy(1, "Critical", "priority:1 kind:incident", ROUND_THE_CLOCK, incidents),
        _policy(2, "Requests", "kind:request,question", office, requests),
        _policy(3, "Standard", "", office, incidents),
    ]


def ladders(*, is_critical: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Who is warned and told, of the response and of the resolution."""
    quiet = {} if is_critical else {"quiet": NIGHT}
    late = [{"at": "breach", "tell": ["assignee", "lead"], **quiet}]
    if is_critical:
        late.append({"at": "1h after", "name": "Head of IT", "tell": ["admin"]})
    response = {"warnings": ["75%"], "levels": [{"at": "breach", "tell": ["lead"], **quiet}]}
    return response, {"warnings": ["75%"], "levels": late}


def _policy(
    position: int, name: str, when: str, calendar: str, budgets: dict[str, dict[str, str]]
) -> SavePolicy:
    # The spec goes through the rules' own reader, so that a slip here fails when a desk is made.
    from sdesk.rules.policy import Policy

    response, resolution = ladders(is_critical=calendar == ROUND_THE_CLOCK)
    targets = [
        {"kind": "response", "budgets": budgets["response"], "pauses": [], **response},
        {"kind": "resolution", "budgets": budgets["resolution"], "pauses": PAUSING, **resolution},
    ]
    spec = {"name": name, "when": when, "calendar": calendar, "targets": targets}
    return SavePolicy(name, Policy.from_json(spec).to_json(), position=position)
