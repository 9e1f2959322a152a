"""The words by which mail programs begin a quote or end a letter, in the languages people write in.

How "On … wrote:" is said comes from `mail-parser-reply`; its patterns go back and forth over what
they are given, so they are given one short window at a time, and few of them.
"""

from __future__ import annotations

import functools
import re

FROM, SENT, TO, SUBJECT, COPY = "from", "sent", "to", "subject", "copy"
_HEADS = {
    FROM: "from von de da van fra från od от lähettäjä kimden gönderen feladó mittente отправитель"
    " 差出人 发件人 寄件者 보낸사람",
    SENT: "sent date gesendet datum envoyé enviado inviato verzonden sendt skickat wysłano odesláno"
    " отправлено дата fecha data dato lähetetty gönderilme elküldve 送信日時 日付 发送时间 日期 보낸날짜",
    TO: "to an à para a aan til till do komu кому kime alıcı címzett vastaanottaja 宛先 收件人 받는사람",
    SUBJECT: "subject betreff objet asunto assunto oggetto onderwerp emne ämne temat předmět тема aihe"
    " konu tárgy 件名 主题 主旨 제목",
    COPY: "cc kopie copie copia kopi kopia dw копия кому抄送 抄送 참조",
}
HEADS = {word: kind for kind, words in _HEADS.items() for word in words.split()}
"""A word at the head of a quoted mail → what it stands for."""

ORIGINAL = (
    "original message", "original-nachricht", "originalnachricht", "ursprüngliche nachricht",
    "message d'origine", "message original", "mensaje original", "messaggio originale",
    "oorspronkelijk bericht", "oprindelig meddelelse", "opprinnelig melding",
    "ursprungligt meddelande", "mensagem original", "wiadomość oryginalna", "oryginalna wiadomość",
    "původní zpráva", "исходное сообщение", "alkuperäinen viesti", "original email message",
    "reply message", "eredeti üzenet", "özgün ileti", "原始邮件", "元のメッセージ",
)  # fmt: skip
FORWARDED = (
    "forwarded message", "begin forwarded", "weitergeleitete nachricht", "message transféré",
    "mensaje reenviado", "messaggio inoltrato", "doorgestuurd bericht", "videresendt",
    "vidarebefordrat", "mensagem encaminhada", "przekazana wiadomość", "пересылаемое сообщение",
    "přeposlaná zpráva", "välitetty viesti", "转发邮件",
)  # fmt: skip
SENT_FROM = re.compile(
    r"(?:sent (?:from|with|via) |get outlook for |gesendet (?:von|mit) |von meinem .{1,30} gesendet"
    r"|envoyé (?:depuis|de) |enviado (?:desde|do|de) |inviato da|verzonden (?:vanaf|met) "
    r"|sendt fra |skickat från |wysłano z|odesláno z|отправлено (?:с|из) |lähetetty "
    r"|diese nachricht wurde von mein)",
    re.IGNORECASE,
)
SIGN_OFF = re.compile(
    r"(?:(?:(?:with )?(?:best|kind|warm|warmest|many|kindest) (?:regards|wishes|thanks)|regards|cheers"
    r"|sincerely|yours (?:sincerely|truly|faithfully)|many thanks|thanks|thank you|best|all the best"
    r"|mit (?:freundlich\w+|best\w+|lieb\w+|vielen) gr(?:ü|ue)(?:ß|ss)\w*|(?:freundliche|beste|viele"
    r"|liebe|schöne|herzliche) gr(?:ü|ue)(?:ß|ss)\w*|mit freundlichem gru(?:ß|ss)|gru(?:ß|ss)|mfg|lg|vg"
    r"|(?:bien )?cordialement|(?:meilleures )?salutations|un saludo|(?:muchos )?saludos|atentamente"
    r"|cordiali saluti|distinti saluti|met vriendelijke groet\w*|hartelijke groet\w*"
    r"|(?:med )?venlig\w* hilsen|med vänliga? hälsning\w*|vänliga hälsningar|mvh|ystävällisin terveisin"
    r"|pozdrawiam|z poważaniem|s pozdravem|с уважением|atenciosamente|dankie"
    r")(?: (?:from|aus|von|/|und|and|en) .{0,40})?)[ ,.!;–-]*",
    re.IGNORECASE,
)


@functools.cache
def wrote() -> re.Pattern[str]:
    """The library's "On … wrote:" in all its languages; for windows of a few hundred letters."""
    from mailparser_reply.constants import MAIL_LANGUAGES

    patterns = [words.get("wrote_header") for words in MAIL_LANGUAGES.values()]
    return re.compile("|".join(p for p in patterns if p), re.MULTILINE | re.IGNORECASE)
