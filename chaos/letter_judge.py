"""A second opinion on letters, written apart from the guard: it shares no pattern and no code.

It reads words with placeholders, as the guard does, and knows the rules in a few dozen stems. It
overlooks more than the guard does; what it objects to must never have been offered.
"""

import re
import unicodedata

MOST_SENTENCES = 3
LONGEST = 900
LONGEST_SUBJECT = 50
COMPANY = 20
LINK = "{pay_link}"
PLACEHOLDERS = ("company", "amount", "invoice", "plan", "card", "pay_link")

_FILLED = re.compile(r"\{(?:" + "|".join(PLACEHOLDERS) + r")\}")
_SIGNS = re.compile(r"[!¡<>{}\[\]`*#|\\~^$€£¥%=_@]")
_ADDRESS = re.compile(r"://|\bwww\b|[^\W\d_]{2,}\.[^\W\d_]{2,}", re.IGNORECASE)
_CAPITALS = re.compile(r"\b[^\W\d_]{4,}\b")
_WORD = re.compile(r"[^\W\d_]+")
_END = re.compile(r"[.?…]+(?=\s|$)|(?<![:,])\n")

# Beginnings of words, without accents, that no letter of ours needs, in any of the languages.
_STEMS = {
    "card data": "cvc cvv cryptogramm password contrasen passwort iban",
    "a decline secret": "stolen robad vole fraud frauduleu insufficient insuficient insuffisan "
    "overdra sobregir decouvert approvisionn",
    "a threat": "lawyer attorney lawsuit abogad avocat bailiff huissier recouvrement cobranza "
    "suspend terminat deactivat desactiv",
    "a gift": "discount descuento remise rabais voucher coupon cupon gratis gratuit refund "
    "reembols rembours percent",
    "talk about itself": "secret instruct poem translat prompt chatgpt openai chatbot "
    "instruccion placeholder json javascript assistant asistente hack",
    "money": "dollar dolar euro pesos bitcoin",
    "a day": "monday tuesday wednesday thursday friday lunes martes miercoles jueves viernes "
    "lundi mardi mercredi jeudi vendredi tomorrow demain",
}
_BANNED = {stem: why for why, stems in _STEMS.items() for stem in stems.split()}

# The commonest words of each language: most sentences have several of their own.
_COMMON = {
    "en": """the a an of to for and or is are was be it its on in at by as if with that this your
        you we our us not no can could will just any more than from have has had do does didn
        there here one so what when which who how all some please still only about""",
    "es": """el la los las un una de del al a para por y o es son fue ser en con que este esta tu
        tus te nos nuestro nuestra no si se lo le puedes puede ha han hay mas como cuando quien
        todo algo solo sobre pero aun sin su sus esto aqui sigue""",
    "fr": """le la les un une de du des a au aux et ou est sont ete etre en dans par pour que qui
        ce cette ces votre vos vous nous notre nos ne pas n l d s c se si il elle peut pouvez ont
        avec sur plus tout toute encore ici reste cela son sa""",
    # Only to be told from those three.
    "de": """der die das ein eine und oder ist sind war nicht ich du er sie es wir ihr mit auf
        fur von zu den dem im am bitte sein haben hat wie was""",
    "it": """il lo gli uno di del della e o sono era essere in con che questo tuo non si ci ha
        hanno come quando per piu perche anche""",
    "pt": """o os um uma do da e ou sao foi em com que este seu nao se ha mais como quando por
        para voce ao""",
}
_OF = {language: frozenset(words.split()) for language, words in _COMMON.items()}
_ENOUGH_WORDS = 6


def objection(subject: str, body: str, locale: str) -> str | None:
    """The first rule that the letter breaks, in a word or two; None when it seems fit to send."""
    shape = _shape(subject, body)
    if shape:
        return shape
    said = _FILLED.sub(" ", f"{subject}\n{body}")
    return _signs(said) or _stems(said) or _tongue(said, locale)


def obeyed(subject: str, body: str, marks: tuple[str, ...]) -> str | None:
    """The first mark of an order carried out that stands in the letter as a word of its own."""
    text = _plain(_FILLED.sub(" ", f"{subject}\n{body}"))
    found = (mark for mark in marks if re.search(rf"\b{re.escape(_plain(mark))}\b", text))
    return next(found, None)


def _shape(subject: str, body: str) -> str | None:
    if not subject.strip() or len(subject.replace("{company}", "x" * COMPANY)) > LONGEST_SUBJECT:
        return "subject"
    if len(body) > LONGEST or body.count(LINK) != 1:
        return "shape"
    if body.partition(LINK)[2].partition("\n")[0].strip():
        return "words after the link"
    said = [part for part in _END.split(body.replace(LINK, "")) if _WORD.search(part)]
    return "too many sentences" if len(said) > MOST_SENTENCES else None


def _signs(said: str) -> str | None:
    if found := _SIGNS.search(said):
        return f"sign {found[0]}"
    if found := _ADDRESS.search(said):
        return f"address {found[0]}"
    for letter in said:
        kind = unicodedata.category(letter)
        if kind[0] in "NC" and letter != "\n":
            return f"character U+{ord(letter):04X}"
        if kind == "So" or (letter.isalpha() and "LATIN" not in unicodedata.name(letter, "LATIN")):
            return f"character U+{ord(letter):04X}"
    loud = (word for word in _CAPITALS.findall(said) if word.isupper())
    return next((f"capitals {word}" for word in loud), None)


def _stems(said: str) -> str | None:
    for word in _WORD.findall(_plain(said)):
        for stem, why in _BANNED.items():
            if word.startswith(stem):
                return f"{why}: {word}"
    return None


def _tongue(said: str, locale: str) -> str | None:
    for sentence in _END.split(said):
        words = _WORD.findall(_plain(sentence))
        known = {name: sum(word in own for word in words) for name, own in _OF.items()}
        own = known[locale[:2]]
        rival = max(known, key=lambda name: known[name])
        if len(words) >= _ENOUGH_WORDS and (own == 0 or known[rival] > 2 * own):
            return f"not {locale}: {sentence.strip()[:40]}"
    return None


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return "".join(letter for letter in parts if not unicodedata.combining(letter))
