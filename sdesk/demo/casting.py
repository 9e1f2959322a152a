"""What the stories' {words} stand for: rooms, devices, programs, dates.

A few thousand casts are drawn once; a ticket picks one, and puts its own people and dates in. So a
million tickets cost little and still share their words as real ones do: a few often, most seldom.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sdesk.demo.company import PARTNERS, SITES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from sdesk.demo.company import Someone
    from sdesk.model import Instant

_ROOMS = ("Saimaa", "Inari", "Vistula", "Rhône", "Douro", "Päijänne", "Mälaren")
_APPS = ("SAP", "the order system", "Lagos WMS", "the quality portal", "Contoso CRM", "the time sheet", "the spare-parts catalogue", "the intranet")  # fmt: skip
_TOOLS = (
    "SolidWorks",
    "AutoCAD LT",
    "Photoshop",
    "Visio",
    "DBeaver",
    "Camtasia",
    "PDF Studio",
    "MATLAB",
)
_CITIES = (
    "Oslo",
    "Hamburg",
    "Kraków",
    "Marseille",
    "Lisbon",
    "Turku",
    "Malmö",
    "Bilbao",
    "Osaka",
    "İzmir",
)
_HOSTS = ("shop.norrfjord.example", "portal.norrfjord.example", "vpn.norrfjord.example", "api.norrfjord.example", "learn.norrfjord.example")  # fmt: skip
_SHARES = ("P:\\Design\\Impellers", "P:\\Sales\\Tenders", "Q:\\Quality\\Audits", "P:\\Finance\\Closing", "H:\\Fairs", "P:\\Purchasing\\Contracts", "Q:\\Service\\Manuals")  # fmt: skip
_MAILBOXES = ("spares@norrfjord.example", "fair@norrfjord.example", "invoices@norrfjord.example", "jobs@norrfjord.example")  # fmt: skip
_SERVERS = (
    "hel-files",
    "hel-erp",
    "tam-mes",
    "gdn-files",
    "hel-mail",
    "lyo-print",
    "hel-backup",
    "tam-scada",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")

KEPT = {
    "room": "room", "laptop": "device", "printer": "device", "server": "device",
    "switch": "device", "cost": "cost-centre", "line": "line",
}  # fmt: skip
"""Words that are kept as custom fields, and under which name, when a ticket opens with them."""


def _cast(rng: Random, people: Sequence[Someone]) -> dict[str, str]:
    pick, number = rng.choice, rng.randrange
    floor, site = number(1, 6), pick(SITES)
    code = site[:3].upper().replace("Ń", "N")
    return {
        "room": pick((f"{floor}F-{number(1, 40):02}", f"{floor}.{number(10, 60)}", pick(_ROOMS))),
        "room2": f"{number(1, 6)}F-{number(1, 40):02}", "floor": f"{floor}F", "site": site,
        "laptop": f"NB-{number(10_000, 16_000)}", "printer": f"PR-{code}-{number(1, 60):02}",
        "printer2": f"PR-{code}-{number(1, 60):02}", "ap": f"ap-{code.lower()}-{number(1, 90):02}",
        "switch": f"sw-{code.lower()}-{number(1, 30):02}", "socket": f"{floor}.{number(1, 40)}-{pick('ABCD')}",
        "server": f"{pick(_SERVERS)}-{number(1, 5):02}", "host": pick(_HOSTS), "app": pick(_APPS), "tool": pick(_TOOLS),
        "share": pick(_SHARES), "mailbox": pick(_MAILBOXES), "city": pick(_CITIES), "line": str(number(1, 9)),
        "partner": pick(PARTNERS), "partner2": pick(PARTNERS), "weekday": pick(_DAYS),
        "person": pick(people).name, "colleague": pick(people).first, "manager": pick(people).name,
        "cost": str(number(4100, 4990)), "order": f"4500{number(10**6):06}", "extension": str(number(2000, 9999)),
        "minutes": str(pick((5, 7, 8, 10, 12, 15, 20, 30, 45))), "n": str(number(3, 48)), "digit": str(number(10)),
        "count": str(number(120, 9800)), "clock": f"{number(7, 17):02}:{number(60):02}",
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Casts:
    """The pool of casts, and dates as people write them for every day from `first_day` on."""

    pool: Sequence[dict[str, str]]
    first_day: int
    dates: Sequence[str]

    @classmethod
    def draw(
        cls, rng: Random, people: Sequence[Someone], *, count: int, since: Instant, until: Instant
    ) -> Casts:
        first = since // 86_400
        begin = datetime.fromtimestamp(first * 86_400, UTC)
        days = until // 86_400 - first + 60
        dates = [
            f"{begin + timedelta(day):%A} {(begin + timedelta(day)).day} {begin + timedelta(day):%B}"
            for day in range(days)
        ]
        return cls([_cast(rng, people) for _ in range(count)], first, dates)

    def date_after(self, at: Instant, days: int) -> str:
        """The working day so many days after an instant, or the Monday after it."""
        day = at // 86_400 + days
        weekday = (day + 3) % 7
        return self.dates[day - self.first_day + max(0, 7 - weekday if weekday > 4 else 0)]
