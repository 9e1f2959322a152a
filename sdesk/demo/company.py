"""Norrfjord Pumps: the people, agents, places and things that the demo's tickets are about.

Everything is drawn from a `random.Random` handed in, so that one seed makes one company. The
names come from the languages spoken at its sites; addresses end in `.example` and reach nobody.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sdesk.model import Role
from sdesk.ops import SaveQueue

if TYPE_CHECKING:
    from random import Random

NAME = "Norrfjord IT"
PREFIX = "SD"
ZONE = "Europe/Helsinki"
COUNTRY = "FI"
DOMAIN = "norrfjord.example"

SITES = ("Helsinki", "Tampere", "Gdańsk", "Lyon", "Porto")
OWN_ORGANIZATIONS = (
    "Norrfjord Pumps Oy", "Norrfjord Tehdas Oy", "Norrfjord Polska Sp. z o.o.", "Norrfjord France SAS",
    "Norrfjord Ibérica Lda",
)  # fmt: skip
PARTNERS = (
    "Kuljetus Salmi Oy", "Atelier Moreau", "Varuhuset Lind AB", "Zakład Wiśniewski", "Öresund Ventiler AB",
    "Hartmann & Söhne KG", "O'Brien Marine Ltd", "Costa e Filhos", "Ђорђевић Системи", "三和ポンプ株式会社",
    "Nguyễn Trading", "Kaya Makina A.Ş.",
)  # fmt: skip

_GIVEN_FAMILY = (
    (
        "Aino Mikko Helmi Väinö Eeva Jussi Päivi Antti Riikka Ville",
        "Korhonen Mäkinen Nieminen Järvinen Lehtinen Hämäläinen Väisänen Räty",
    ),
    ("Åsa Björn Linnéa Göran Maja Örjan", "Lindqvist Öberg Sjöström Bergström Nyåker"),
    ("Agnieszka Łukasz Małgorzata Paweł Żaneta Stanisław", "Nowak Wójcik Kowalczyk Mazur Gołąb"),
    ("Chloé François Élodie Jérôme Inès Benoît", "Lefèvre Moreau Garçon Dubois N'Diaye"),
    ("João Inês Gonçalo Conceição Tiago Beatriz", "Magalhães Araújo Simões Brandão Sá"),
    ("Yasmin Omar Leïla Karim", "Haddad Al-Sayed Benali Mansour"),
    ("Thị Minh Anh Quang", "Nguyễn Trần Phạm Lê"),
    ("Priya Arjun Deepa Rohan", "Natarajan Iyer Sharma D'Souza"),
    ("Oksana Андрій Iryna Dmytro", "Шевченко Kovalenko Бондар Melnyk"),
    ("Siobhán Pádraig Fiona Declan", "O'Sullivan Gallagher Murphy McCarthy"),
    ("Çağla Emre Gülşen Barış", "Yıldız Öztürk Şahin Demir"),
    ("Sólveig Þór Guðrún Ragnar", "Blöndal Thorlacius Hafstein Möller"),
    ("Ελένη Γιώργος Katerina Nikos", "Παπανικολάου Γεωργίου Dimitriou Karas"),
    ("Zsófia László Ágnes Bence", "Szabó Kőszegi Nagy Győrffy"),
)
_EAST_ASIAN = ("李娜", "王伟", "田中 由美", "佐藤 健", "김서연", "박준호")
_PLAIN = {"ł": "l", "Ł": "L", "ø": "o", "đ": "d", "þ": "th", "Þ": "Th", "ı": "i", "ß": "ss"}


@dataclass(frozen=True, slots=True)
class Someone:
    """A person who asks for help. `id` is the number in the store, counted from 1."""

    id: int
    name: str
    first: str
    email: str
    phone: str
    organization: str
    vip: bool
    site: str

    def numbered(self, number: int) -> Someone:
        return replace(self, id=number)


MACHINE = Someone(
    0,
    "Watchtower monitoring",
    "Watchtower",
    f"alerts@{DOMAIN}",
    "",
    "Norrfjord Pumps Oy",
    False,
    "",
)
"""Opens tickets by itself; nobody answers it."""


@dataclass(frozen=True, slots=True)
class Helper:
    """An agent; `queues` are the ones worked, the first one most."""

    login: str
    name: str
    role: str
    queues: tuple[str, ...]

    @property
    def first(self) -> str:
        return self.name.split()[0]


MORE_QUEUES = (
    SaveQueue("access", "Access rights", 1),
    SaveQueue("servers", "Servers", 2, "Helsinki"),
)
"""Besides those of every new desk."""
TIERS = {
    "service-desk": 1, "access": 1, "workplace": 2, "network": 2, "servers": 2, "applications": 2,
}  # fmt: skip
ALL_QUEUES = tuple(TIERS)
FIRST_LINE = ("service-desk", "access")
_COLLEAGUES = (
    Helper("aino", "Aino Lehtonen", Role.LEAD, ("service-desk", "access")),
    Helper("ben", "Ben Okafor", Role.AGENT, ("service-desk", "workplace")),
    Helper("carla", "Carla Simões", Role.AGENT, ("service-desk", "access")),
    Helper("jun", "Jun Tanaka", Role.AGENT, ("workplace", "service-desk")),
    Helper("mikko", "Mikko Väisänen", Role.AGENT, ("network", "servers")),
    Helper("piotr", "Piotr Zieliński", Role.AGENT, ("servers", "network")),
    Helper("yasmin", "Yasmin Haddad", Role.AGENT, ("applications", "access")),
    Helper("lena", "Lena Öberg", Role.LEAD, ("applications", "servers")),
)


def agents(caller: str, caller_name: str, rng: Random, count: int) -> tuple[Helper, ...]:
    """The caller first, who works the first line, and colleagues: the known ones, then more by chance."""
    me = Helper(caller, caller_name or caller, Role.ADMIN, ("service-desk", "network"))
    found = [me, *(other for other in _COLLEAGUES if other.login != caller)]
    taken = {helper.login for helper in found}
    while len(found) < count:
        name = _name(rng)
        login = address(name).replace(".", "")[:12]
        if login and login not in taken:
            taken.add(login)
            first, second = rng.choice(ALL_QUEUES), rng.choice(ALL_QUEUES)
            found.append(Helper(login, name, Role.AGENT, tuple(dict.fromkeys((first, second)))))
    return tuple(found)


def address(name: str) -> str:
    """The part of an address before the @, in plain letters; empty where none are left."""
    plain = "".join(_PLAIN.get(c, c) for c in name)
    letters = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode().lower()
    return ".".join("".join(c for c in word if c.isalnum()) for word in letters.split()).strip(".")


def _name(rng: Random) -> str:
    given, family = rng.choice(_GIVEN_FAMILY)
    return f"{rng.choice(given.split())} {rng.choice(family.split())}"


def _names(rng: Random, count: int) -> list[str]:
    made = dict.fromkeys(_EAST_ASIAN)
    while len(made) < count:
        name = _name(rng)
        made[name if len(made) < 200 else f"{name}-{_name(rng).split()[1]}"] = None
    names = list(made)[:count]
    rng.shuffle(names)
    return names


def people(rng: Random, count: int) -> tuple[Someone, ...]:
    """So many people: most of the company itself, some of its partners, one in twenty a VIP."""
    found = []
    for number, name in enumerate(_names(rng, count), start=1):
        own = rng.random() < 0.86
        where = min(int(rng.random() ** 2 * 5), 4)
        organization = OWN_ORGANIZATIONS[where] if own else rng.choice(PARTNERS)
        local = address(name) or f"p{number:04}"
        domain = DOMAIN if own else f"{address(organization.split()[0]) or 'partner'}.example"
        found.append(
            Someone(
                id=number,
                name=name,
                first=name.split()[-1 if name in _EAST_ASIAN and name[0] in "田佐" else 0],
                email=f"{local}@{domain}",
                phone=f"+358 9 555 {rng.randrange(10_000):04}",
                organization=organization,
                vip=own and rng.random() < 0.05,
                site=SITES[where],
            )
        )
    return tuple(found)


def organizations() -> tuple[str, ...]:
    return OWN_ORGANIZATIONS + PARTNERS
