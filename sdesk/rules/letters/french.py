"""What the desk writes in French."""

from __future__ import annotations

from sdesk.rules.letters.template import Template

ACKNOWLEDGEMENT = Template(
    "[{ref}] Nous avons bien reçu votre message",
    """\
Bonjour,

merci de nous avoir écrit. Votre message nous est bien parvenu et porte le numéro {ref}.

Nous allons l'examiner et vous répondrons ici. Pour ajouter quelque chose, répondez simplement à ce message en laissant [{ref}] dans l'objet.

Vous ne nous avez pas écrit ? Alors ne tenez pas compte de ce message ; vous n'en recevrez pas d'autre.

{signature}
""",
)
UPDATE = Template(
    "[{ref}] {subject|Votre demande}",
    """\
{text}

{signature}
""",
)
REMINDER = Template(
    "[{ref}] Nous attendons votre réponse : {subject|votre demande}",
    """\
Bonjour {requester|},

pour avancer sur votre demande, nous avons besoin d'une réponse de votre part. Voici notre question :

{text}

Une courte réponse à ce message suffit. Si le problème est réglé, dites-le-nous également.
Sans réponse de votre part, nous considérerons la demande comme réglée le {date}.

{signature}
""",
)
RESOLVED = Template(
    "[{ref}] Résolu ? {subject|Votre demande}",
    """\
Bonjour {requester|},

nous pensons que votre demande est résolue.

{text}

Tout fonctionne chez vous ? Alors vous n'avez rien à faire : nous la fermerons le {date}.
Vous pouvez aussi le confirmer ici : {link}

Si le problème persiste, répondez simplement à ce message et nous reprendrons.

{signature}
""",
)
CLOSED = Template(
    "[{ref}] Fermée : {subject|Votre demande}",
    """\
Bonjour {requester|},

votre demande {ref} est maintenant fermée. Merci de votre aide.

Si le problème revient, répondez à ce message : nous retrouverons toute son histoire.

{signature}
""",
)
SURVEY = Template(
    "[{ref}] Votre avis nous intéresse",
    """\
Bonjour {requester|},

votre demande {ref} est fermée. Une seule question : êtes-vous satisfait de notre aide ?

Répondez par un chiffre de 1 (pas du tout) à 5 (tout à fait), avec quelques mots si vous le souhaitez.
Ou choisissez ici : {link}

Votre réponse est lue par les personnes qui assurent ce service, et reste jointe à la demande.

{signature}
""",
)
PLANNED = Template(
    "Travaux prévus : {title}",
    """\
Bonjour,

nous prévoyons des travaux qui peuvent vous concerner : {title}

Début : {starts}
Fin : {ends}

{text}

Vous n'avez rien à faire. Nous vous écrirons de nouveau si les horaires changent.

{signature}
""",
)
OUTAGE = Template(
    "Panne : {title}",
    """\
Bonjour,

quelque chose ne fonctionne pas en ce moment : {title}

Depuis : {starts}
Fin prévue : {ends}

{text}

Nous y travaillons et vous préviendrons dès que tout fonctionnera. Il n'est pas nécessaire de le signaler.

{signature}
""",
)
RESTORED = Template(
    "Rétabli : {title}",
    """\
Bonjour,

tout fonctionne de nouveau : {title}

Depuis : {ends}

{text}

Si vous rencontrez encore des difficultés, écrivez-nous. Merci de votre patience.

{signature}
""",
)
CANCELLED = Template(
    "N'aura pas lieu : {title}",
    """\
Bonjour,

les travaux que nous vous avions annoncés n'auront pas lieu : {title}

Début prévu : {starts}

{text}

Vous n'avez rien à faire.

{signature}
""",
)
TEMPLATES = {
    "acknowledgement": ACKNOWLEDGEMENT, "update": UPDATE, "reminder": REMINDER,
    "resolved": RESOLVED, "closed": CLOSED, "survey": SURVEY,
    "planned": PLANNED, "outage": OUTAGE, "restored": RESTORED,
    "cancelled": CANCELLED,
}  # fmt: skip
