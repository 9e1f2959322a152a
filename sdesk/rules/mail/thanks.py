"""Whether somebody has written no more than thanks: then a resolved ticket stays resolved.

Careful rather than clever: one word that belongs to none of the lists, and it is a message like any
other. "Thanks, but it still fails" says more than thanks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.text import fold

if TYPE_CHECKING:
    from collections.abc import Collection

LONGEST = 160
"""Characters of a text that may be no more than thanks."""
MOST = 16
"""Words of it."""


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


THANKS = _listed(
    """
    thanks thank thx cheers appreciated
    danke dank dankeschon merci
    gracias grazie obrigado obrigada
    bedankt dankjewel dankuwel
    kiitos kiitoksia kiitti
    tack takk tusentack
    dziekuje dzieki dekuji diky dakujem koszonom koszi hvala
    multumesc mersi aitah paldies aciu
    spasibo спасибо дякую благодаря ευχαριστω tesekkurler sagolun
    """
)
"""Words of thanks, folded: one of them must be there."""
COURTESY = _listed(
    """
    hi hello hey dear all team you very much so a lot many for the your quick fast help support great good
    perfect excellent nice wonderful super ok okay and it is that was works now working fine all again day
    have best regards kind sincerely bye everything solved resolved fixed job service really indeed regards
    hallo guten tag vielen herzlichen liebes liebe lieber sehr fur die das ihre eure schnelle hilfe alles klar gut prima klappt
    jetzt wieder funktioniert es und mit freundlichen grussen viele grusse beste gruss mfg lg schonen noch einen
    bonjour beaucoup bien pour votre aide rapide cordialement tout parfait marche maintenant ca fonctionne et
    bonne journee cest c est super
    hola muchas muchisimas por su tu ayuda rapida saludos todo perfecto funciona ahora ya y buen dia
    buongiorno ciao molte mille per il aiuto vostro vostra cordiali saluti tutto perfetto ora adesso buona giornata
    ola muito pela ajuda rapida tudo certo agora funcionando abraco bom
    hoi beste heel erg hartelijk voor de snelle hulp alles werkt nu weer groeten vriendelijke met groet fijne dag
    hei moi paljon nopeasta avusta nyt toimii kaikki hyvin terveisin ystavallisin terveisin hyvaa paivaa
    hej sa mycket for snabb hjalp nu fungerar allt bra med vanliga halsningar ha en
    mange tusen tusind hjelpen hjælpen den det virker fungerer alt vennlig hilsen venlig
    bardzo za pomoc szybka wszystko dziala teraz pozdrawiam dobry den moc pekne s pozdravem
    """
)
"""Words that say nothing beside it."""


PHRASES = ("mange tak", "tak for", "tusind tak")
"""Thanks by words that by themselves mean something else in another language."""


WORKS = _listed(
    """
    works working solved resolved fixed
    funktioniert klappt marche fonctionne funciona perfecto funzionando funcionando
    werkt toimii fungerar virker fungerer dziala
    """
)
"""Of these words, those that say that it is solved."""


def is_confirmation(text: str) -> bool:
    """Whether a text that is only thanks says as well that it works now."""
    return any(word in WORKS for word in fold(text).split())


def is_only_thanks(text: str, names: Collection[str] = ()) -> bool:
    """Whether a text holds nothing but thanks, greetings, and `names` (folded words)."""
    if len(text) > LONGEST or "?" in text:
        return False
    folded = fold(text)
    words = folded.split()
    if not 0 < len(words) <= MOST:
        return False
    thanked = any(word in THANKS for word in words) or any(p in folded for p in PHRASES)
    said = {word for phrase in PHRASES for word in phrase.split()} | THANKS | COURTESY
    return thanked and all(word in said or word in names for word in words)
