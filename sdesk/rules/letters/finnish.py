"""What the desk writes in Finnish."""

from __future__ import annotations

from sdesk.rules.letters.template import Template

ACKNOWLEDGEMENT = Template(
    "[{ref}] Viestisi on saapunut",
    """\
Hei,

kiitos viestistäsi. Se on saapunut meille, ja sen numero on {ref}.

Tutustumme siihen ja vastaamme sinulle tässä. Jos haluat lisätä jotain, vastaa tähän viestiin ja jätä [{ref}] aiheriville.

Etkö kirjoittanut meille? Silloin voit jättää tämän viestin huomiotta; et saa meiltä muita viestejä.

{signature}
""",
)
UPDATE = Template(
    "[{ref}] {subject|Pyyntösi}",
    """\
{text}

{signature}
""",
)
REMINDER = Template(
    "[{ref}] Odotamme vastaustasi: {subject|pyyntösi}",
    """\
Hei {requester.first|},

jotta pääsemme eteenpäin pyyntösi kanssa, tarvitsemme sinulta vastauksen. Kysyimme:

{text}

Lyhyt vastaus tähän viestiin riittää. Jos asia on jo kunnossa, kerro meille siitäkin.
Jos vastausta ei tule, pidämme asiaa hoidettuna {date}.

{signature}
""",
)
RESOLVED = Template(
    "[{ref}] Ratkesiko asia? {subject|Pyyntösi}",
    """\
Hei {requester.first|},

uskomme, että pyyntösi on ratkaistu.

{text}

Jos kaikki toimii, sinun ei tarvitse tehdä mitään: suljemme pyynnön {date}.
Voit myös vahvistaa sen täällä: {link}

Jos vika on yhä jäljellä, vastaa tähän viestiin, niin jatkamme.

{signature}
""",
)
CLOSED = Template(
    "[{ref}] Suljettu: {subject|Pyyntösi}",
    """\
Hei {requester.first|},

pyyntösi {ref} on nyt suljettu. Kiitos avustasi.

Jos vika palaa, vastaa tähän viestiin: löydämme silloin koko keskustelun.

{signature}
""",
)
SURVEY = Template(
    "[{ref}] Miten onnistuimme?",
    """\
Hei {requester.first|},

pyyntösi {ref} on suljettu. Saammeko kysyä yhden kysymyksen: kuinka tyytyväinen olet apuumme?

Vastaa numerolla 1 (en lainkaan) – 5 (erittäin), ja kirjoita halutessasi muutama sana.
Tai valitse täällä: {link}

Vastauksesi näkevät palvelumme parissa työskentelevät, ja se säilytetään pyynnön yhteydessä.

{signature}
""",
)
PLANNED = Template(
    "Suunniteltu huolto: {title}",
    """\
Hei,

suunnittelemme töitä, jotka voivat koskea sinua: {title}

Alkaa: {starts}
Päättyy: {ends}

{text}

Sinun ei tarvitse tehdä mitään. Kirjoitamme uudelleen, jos ajat muuttuvat.

{signature}
""",
)
OUTAGE = Template(
    "Häiriö: {title}",
    """\
Hei,

jokin ei toimi juuri nyt: {title}

Alkoi: {starts}
Arvioitu päättyvän: {ends}

{text}

Korjaamme vikaa ja kerromme, kun kaikki toimii taas. Sinun ei tarvitse ilmoittaa siitä.

{signature}
""",
)
RESTORED = Template(
    "Toimii taas: {title}",
    """\
Hei,

häiriö on ohi: {title}

Päättyi: {ends}

{text}

Jos sinulla on vielä ongelmia, kirjoita meille. Kiitos kärsivällisyydestäsi.

{signature}
""",
)
CANCELLED = Template(
    "Peruttu: {title}",
    """\
Hei,

ilmoittamamme työt on peruttu: {title}

Suunniteltu alku: {starts}

{text}

Sinun ei tarvitse tehdä mitään.

{signature}
""",
)
TEMPLATES = {
    "acknowledgement": ACKNOWLEDGEMENT, "update": UPDATE, "reminder": REMINDER,
    "resolved": RESOLVED, "closed": CLOSED, "survey": SURVEY,
    "planned": PLANNED, "outage": OUTAGE, "restored": RESTORED,
    "cancelled": CANCELLED,
}  # fmt: skip
