"""Jira and Jira Service Management: headers that repeat and follow the site's language."""

from __future__ import annotations

from sdesk.transfer.presets import Preset

PRESET = Preset(
    name="jira",
    about="Jira or Jira Service Management CSV, in English, Spanish or German",
    source="jira",
    required=(("external_id",), ("subject",)),
    otherwise={"kind": "request", "channel": "import"},
    columns={
        "external_id": "Issue key|Clave de incidencia|Clave de la incidencia|Vorgangsschlüssel|Schlüssel|Key",
        "subject": "Summary|Resumen|Zusammenfassung",
        "text": "Description|Descripción|Beschreibung",
        "kind": "Issue Type|Tipo de Incidencia|Tipo de incidencia|Vorgangstyp|Work type",
        "state": "Status|Estado",
        "priority": "Priority|Prioridad|Priorität",
        "resolution_code": "Resolution|Resolución|Lösung",
        "assignee": "Assignee|Persona asignada|Responsable|Zugewiesene Person|Bearbeiter",
        "requester": "Reporter|Informador|Autor",
        "opened_by": "Creator|Creador|Ersteller",
        "created_at": "Created|Creada|Creado|Erstellt",
        "updated_at": "Updated|Actualizada|Actualizado|Aktualisiert",
        "resolved_at": "Resolved|Resuelta|Resuelto|Erledigt|Gelöst",
        "tags": "Labels|Etiquetas|Stichwörter|Etiketten",
        "category": "Component/s|Components|Componente/s|Componentes|Komponente/n|Komponenten",
        "queue": "Project key|Clave del proyecto|Clave de proyecto|Projektschlüssel",
        "organization": "Custom field (Organizations)|Campo personalizado (Organizaciones)",
        "comment": "Comment|Comentario|Comentarios|Kommentar|Kommentare",
        "impact": "Custom field (Impact)|Campo personalizado (Impacto)",
        "urgency": "Custom field (Urgency)|Campo personalizado (Urgencia)",
        "-": "Issue id|Id. de incidencia|ID de la incidencia|Vorgangs-ID|Watchers|Watchers Id|Observadores|Beobachter"
        "|Attachment|Adjunto|Archivo adjunto|Anhang|Project name|Project type",
    },
    custom=r"(?:Custom field|Campo personalizado|Benutzerdefinierte[sr]? Feld) \((.+)\)",
)  # fmt: skip
