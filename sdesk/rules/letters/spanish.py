"""What the desk writes in Spanish."""

from __future__ import annotations

from sdesk.rules.letters.template import Template

ACKNOWLEDGEMENT = Template(
    "[{ref}] Hemos recibido su mensaje",
    """\
Hola:

Gracias por escribirnos. Su mensaje ha llegado y tiene el número {ref}.

Lo revisaremos y le responderemos aquí. Si desea añadir algo, responda a este mensaje y deje [{ref}] en el asunto.

¿No nos ha escrito? Entonces no tenga en cuenta este mensaje; no recibirá ningún otro.

{signature}
""",
)
UPDATE = Template(
    "[{ref}] {subject|Su solicitud}",
    """\
{text}

{signature}
""",
)
REMINDER = Template(
    "[{ref}] Esperamos su respuesta: {subject|su solicitud}",
    """\
Hola, {requester.first|de nuevo}:

Para seguir con su solicitud necesitamos una respuesta suya. Esto es lo que preguntamos:

{text}

Basta con una respuesta breve a este mensaje. Si ya está resuelto, díganoslo también.
Si no recibimos respuesta, la daremos por resuelta el {date}.

{signature}
""",
)
RESOLVED = Template(
    "[{ref}] ¿Resuelto? {subject|Su solicitud}",
    """\
Hola, {requester.first|de nuevo}:

Creemos que su solicitud está resuelta.

{text}

¿Le funciona? Entonces no tiene que hacer nada: la cerraremos el {date}.
También puede confirmarlo aquí: {link}

Si todavía falla, responda a este mensaje y seguiremos con ello.

{signature}
""",
)
CLOSED = Template(
    "[{ref}] Cerrada: {subject|Su solicitud}",
    """\
Hola, {requester.first|de nuevo}:

Su solicitud {ref} está cerrada. Gracias por su ayuda.

Si vuelve a ocurrir, responda a este mensaje: encontraremos toda la historia.

{signature}
""",
)
SURVEY = Template(
    "[{ref}] ¿Qué tal lo hicimos?",
    """\
Hola, {requester.first|de nuevo}:

Su solicitud {ref} está cerrada. Solo una pregunta: ¿está satisfecho con nuestra ayuda?

Responda con un número del 1 (nada) al 5 (mucho) y, si lo desea, con unas palabras.
O elija aquí: {link}

Su respuesta la leen las personas que trabajan en nuestro servicio y se guarda con la solicitud.

{signature}
""",
)
PLANNED = Template(
    "Trabajos previstos: {title}",
    """\
Hola:

Tenemos previstos unos trabajos que pueden afectarle: {title}

Comienzo: {starts}
Fin: {ends}

{text}

No tiene que hacer nada. Le escribiremos de nuevo si cambian las horas.

{signature}
""",
)
OUTAGE = Template(
    "Avería: {title}",
    """\
Hola:

Algo no funciona en este momento: {title}

Desde: {starts}
Fin previsto: {ends}

{text}

Estamos trabajando en ello y le avisaremos cuando vuelva a funcionar. No hace falta que lo notifique.

{signature}
""",
)
RESTORED = Template(
    "Restablecido: {title}",
    """\
Hola:

Ya vuelve a funcionar: {title}

Desde: {ends}

{text}

Si todavía tiene problemas, escríbanos. Gracias por su paciencia.

{signature}
""",
)
CANCELLED = Template(
    "No se realizará: {title}",
    """\
Hola:

Los trabajos que le habíamos anunciado no se realizarán: {title}

Comienzo previsto: {starts}

{text}

No tiene que hacer nada.

{signature}
""",
)
TEMPLATES = {
    "acknowledgement": ACKNOWLEDGEMENT, "update": UPDATE, "reminder": REMINDER,
    "resolved": RESOLVED, "closed": CLOSED, "survey": SURVEY,
    "planned": PLANNED, "outage": OUTAGE, "restored": RESTORED,
    "cancelled": CANCELLED,
}  # fmt: skip
