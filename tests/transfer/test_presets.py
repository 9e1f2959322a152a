"""Other desks' files, small ones written here and real ones from the shared data."""

from __future__ import annotations

from sdesk.desk import Desk
from sdesk.model import EntryKind
from tests.transfer.conftest import Bring, shared

JIRA = (
    "\ufeffSummary,Issue key,Issue id,Issue Type,Status,Project key,Priority,Resolution,Assignee,Reporter,Creator,Created,Updated,Resolved,"
    "Watchers,Watchers,Watchers,Labels,Labels,Description,Comment,Comment,Comment,Custom field (Time to first response),Custom field (Site)\n"
    "Screen stays black,HD-7,10070,Service Request,Waiting for customer,HD,Highest,,Ben Okafor,Åsa Öberg,Åsa Öberg,22/Sep/25 9:26 AM,"
    "23/Sep/25 4:01 PM,,u1,u2,,screen,urgent,It is black.,22/Sep/25 10:00 AM;Ben Okafor;Is the cable in?,"
    "22/Sep/25 10:30 AM;Åsa Öberg;It is; of course.,,-1:20,Turku\n"
    "Old one,HD-8,10071,Bug,Done,HD,Low,Fixed,,Jun Li,Jun Li,01/Oct/25 8:00 AM,02/Oct/25 8:00 AM,02/Oct/25 7:00 AM,,,,,,Gone.,,,,,\n"
)
JIRA_ES = (
    "Resumen;Clave de incidencia;Tipo de Incidencia;Estado;Prioridad;Informador;Creada;Comentario\n"
    "La impresora no imprime;SOP-1;Incidencia;En curso;Más alta;Ana Pérez;01/ene/26 9:00 AM;02/ene/26 9:00 AM;Ana Pérez;Sigue igual\n"
).replace("02/ene/26 9:00 AM;Ana Pérez;Sigue igual", '"02/ene/26 9:00 AM;Ana Pérez;Sigue igual"')
JIRA_DE = (
    "Zusammenfassung,Vorgangsschlüssel,Vorgangstyp,Status,Priorität,Autor,Erstellt,Kommentar\n"
    "Drucker druckt nicht,IT-1,Störung,In Arbeit,Höchste,Jörg Weiß,3/Mär/26 12:05 PM,\n"
)
OSTICKET = (
    "\ufeffTicket Number;Date Created;Subject;From;From Email;Priority;Department;Help Topic;Source;Current Status;Last Updated;"
    "SLA Due Date;Closed Date;Overdue;Answered;Agent Assigned;Team Assigned;Thread Count;Asset tag\n"
    "100123;13/05/2025 08:01;No toner;Jun Li;jun@acme.example;High;Network;Hardware;Phone;Closed;14/05/2025 09:00;;14/05/2025 09:00;0;1;Ben Okafor;;3;NB-1\n"
    "100124;14/05/2025 08:01;Noise;Lars;lars@x.example;Low;Facilities;;Email;Open;14/05/2025 08:01;;;1;0;;Night;1;\n"
)
ZENDESK = (
    "Id,Subject,Description,Status,Priority,Type,Requester,Requester email,Assignee,Group,Tags,Created at,Updated at,Solved at,Via,Floor [txt]\n"
    "35436,Help,Please help,hold,urgent,Question,Jo,jo@x.example,Ben Okafor,Network,a b,2025-05-01 10:00:00,2025-05-02 10:00:00,,Web form,2\n"
    "35437,Thanks,All fine,solved,-,,Jo,jo@x.example,,,,2025-05-01 10:00:00,2025-05-02 10:00:00,2025-05-02 09:00:00,Chat,\n"
).replace(",-,,Jo", ",,,Jo")


def test_jira_repeats_headers_and_comments_are_conversation(bring: Bring, desk: Desk) -> None:
    report = bring(JIRA, "jira", zone="UTC")
    assert (report.added, report.rejected) == (2, 0)
    number = desk.read.ids("black")[0]
    ticket = desk.read.ticket(number)
    assert (ticket.state, ticket.priority, ticket.kind, ticket.assignee) == (
        "waiting-customer",
        1,
        "request",
        "ben",
    )
    assert (ticket.tags, ticket.queue) == (("screen", "urgent"), "hd")
    assert ticket.fields == {"site": "Turku", "time_to_first_response": "-1:20"}
    said = desk.read.conversation(number)
    assert [entry.kind for entry in said] == [EntryKind.INBOUND, EntryKind.REPLY, EntryKind.INBOUND]
    assert said[2].text == "It is; of course."
    assert ticket.first_answered_at == 1_758_535_200
    done = desk.read.ticket(desk.read.ids("old")[0])
    assert (done.state, done.resolution_code, done.external_id) == ("resolved", "Fixed", "HD-8")


def test_jira_speaks_spanish_and_german(bring: Bring, desk: Desk) -> None:
    assert bring(JIRA_ES, "jira").added == 1
    assert bring(JIRA_DE, "jira").added == 1
    spanish = desk.read.ticket(desk.read.ids("impresora")[0])
    assert (spanish.state, spanish.priority, spanish.kind) == ("open", 1, "incident")
    german = desk.read.ticket(desk.read.ids("drucker")[0])
    assert (german.state, german.priority, german.kind) == ("open", 1, "incident")
    assert len(desk.read.conversation(spanish.id)) == 1


def test_osticket_has_a_mark_semicolons_and_custom_columns(bring: Bring, desk: Desk) -> None:
    report = bring(OSTICKET, "osticket", zone="UTC")
    assert (report.added, report.rejected, report.dates) == (2, 0, "dmy")
    ticket = desk.read.ticket(desk.read.ids("toner")[0])
    assert (ticket.state, ticket.queue, ticket.channel, ticket.path, ticket.priority) == (
        "closed",
        "network",
        "phone",
        "Hardware",
        2,
    )
    assert (ticket.fields, ticket.assignee) == ({"asset_tag": "NB-1"}, "ben")
    assert ticket.closed_at == 1_747_213_200


def test_zendesk_solves_and_holds(bring: Bring, desk: Desk) -> None:
    assert bring(ZENDESK, "zendesk").added == 2
    held = desk.read.ticket(desk.read.ids("help")[0])
    assert (held.state, held.kind, held.channel, held.fields) == (
        "waiting-supplier",
        "question",
        "web",
        {"floor": "2"},
    )
    solved = desk.read.ticket(desk.read.ids("thanks")[0])
    assert (solved.state, solved.resolved_at) == ("resolved", 1_746_176_400)


def test_servicenow_over_rest_has_numbers_for_states(bring: Bring, desk: Desk) -> None:
    report = bring(shared("data/servicenow-rest/incidents_REST.csv"), "servicenow")
    assert (report.added, report.rejected) == (67, 0)
    assert [
        desk.read.count(f"state:={key}") for key in ("new", "open", "waiting-customer", "closed")
    ] == [13, 20, 7, 27]
    ticket = desk.read.ticket(desk.read.ids('"unable to connect to email"')[0])
    assert (ticket.external_id, ticket.resolution_code, ticket.channel) == (
        "INC0000060",
        "Solved (Permanently)",
        "web",
    )
    assert ticket.created_at == 1_481_555_997
    assert len(ticket.fields["sys_id"]) == 32
