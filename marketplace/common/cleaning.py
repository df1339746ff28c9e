"""What people type and paste, made what it looks like: one cleaner for every text that the store keeps.

A page, a mail or another program gives more than one sees: a space that is none, a hyphen that does not break, a
sign without width, one that turns the line round. What is kept is what a person reads, so that two texts that look
the same are the same. `marketplace.common.fields` calls this whenever a text is written, whoever wrote it.

- `clean_text`: several lines as they are meant. `clean_line`: one line, with one space between words.
- `clean_identifier`: a line that names one thing (NFKC; every dash is "-"). `fold` is for comparing two of them.
- `clean_code`: what is read aloud, printed and typed again (a coupon's), without spaces, in capitals.
- `clean_phone` and `clean_email`: what their names say.
"""

import re
import unicodedata
from contextlib import suppress

import idna

# Signs without width that are no format characters by Unicode's categories: they fill or vary what is not there.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
# Format characters that are seen: they span the digits or letters after them.
_SEEN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
_JOINERS = "\u200c\u200d"
_LINE_ENDS = re.compile("\r\n|[\r\n\v\f\x85\u2028\u2029]")
_HYPHENS = "\u2010\u2011"  # the hyphen, and the one that does not break: both mean "-"
_MINUS = "\u2212"
# Blocks whose letters are joined or kept apart by ZWNJ and ZWJ: Arabic to Malayalam and Sinhala, Myanmar, Khmer,
# Mongolian, and what was added to them later.
_JOINING = re.compile(
    "[\u0600-\u0dff\u1000-\u109f\u1780-\u18af\u1cd0-\u1cff\ua8e0-\ua8ff\ufb50-\ufdff\ufe70-\ufefc"
    "\U00010a00-\U00010fff\U00011000-\U00011fff]"
)
# What is printable and not kept as it is all the same: most names and addresses have none of it.
_ODD = re.compile(f"[{''.join(sorted(_BLANK))}{_HYPHENS}\ufdd0-\ufdef\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def clean_text(text: str) -> str:
    """`text` in NFC with "\\n" between its lines, without what nobody sees, and without the spaces around it."""
    if text.isprintable() and (text.isascii() or not _ODD.search(text)):
        return unicodedata.normalize("NFC", text).strip()
    return unicodedata.normalize("NFC", _visible(_LINE_ENDS.sub("\n", text))).strip()


def clean_line(text: str) -> str:
    """As `clean_text`, in one line and with one space between words."""
    return " ".join(clean_text(text).split())


def clean_identifier(text: str) -> str:
    """As `clean_line`, in NFKC and with "-" for every dash: ＡＢ–１２ is AB-12."""
    text = clean_line(text)
    if text.isascii():  # as it is already, and most of what is looked up is
        return text
    text = unicodedata.normalize("NFKC", text)
    return clean_line("".join("-" if _is_dash(sign) else sign for sign in text))


def fold(text: str) -> str:
    """What two identifiers are compared by, whatever their letters' case."""
    return unicodedata.normalize("NFKC", clean_identifier(text).casefold())


def clean_code(text: str) -> str:
    """A code as it is kept and compared, however it was typed: ｓａｖｅ １０ is SAVE10."""
    return "".join(fold(text).upper().split())


def is_code(code: str) -> bool:
    """Whether a cleaned code is one that every keyboard types and everybody reads: A to Z, digits and hyphens."""
    return re.fullmatch(r"[A-Z0-9](?:[A-Z0-9-]{2,22})[A-Z0-9]", code) is not None


def with_ascii_digits(text: str) -> str:
    """`text` with 0 to 9 in the place of any script's digits."""
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)


def clean_phone(text: str) -> str:
    """A phone number as it is dialled: ASCII digits in any script's place, "-" for every dash, one space."""
    return with_ascii_digits(clean_identifier(text))


def clean_email(text: str) -> str:
    """An e-mail address as an account keeps it and as it is compared: folded, its domain in ASCII (IDNA, UTS 46).

    What is no address stays none; whoever calls judges. A domain with a label that mixes letters of scripts that
    look alike is returned unencoded, and so is refused by `is_email_kept`.
    """
    local, at, domain = fold(text).rpartition("@")
    if not domain.isascii() and not _mixes_scripts(domain):
        with suppress(idna.IDNAError):
            domain = idna.encode(domain, uts46=True).decode()
    return f"{local}{at}{domain}"


def is_email_kept(address: str) -> bool:
    """Whether a cleaned address is one that mail of ours reaches and that looks like no other: it is ASCII."""
    return address.isascii() and address.isprintable()


def _visible(text: str) -> str:
    """`text` without what has no width, with one kind of space and of hyphen."""
    signs: list[str] = []
    for place, sign in enumerate(text):
        if sign in _JOINERS:
            if _joins(text, place):
                signs.append(sign)
        elif sign in _HYPHENS:
            signs.append("-")
        elif sign == "\t" or unicodedata.category(sign) == "Zs":
            signs.append(" ")
        elif _is_variation(sign):
            if signs and not signs[-1].isspace():
                signs.append(sign)
        elif sign == "\n" or not _is_unseen(sign):
            signs.append(sign)
    return "".join(signs)


def _joins(text: str, place: int) -> bool:
    """Whether the joiner at `place` changes how its neighbours look: two letters of a joined script, or two emoji."""
    if not 0 < place < len(text) - 1:
        return False
    before, after = text[place - 1], text[place + 1]
    if _JOINING.match(before):
        return bool(_JOINING.match(after))
    return text[place] == "\u200d" and _is_pictured(before) and unicodedata.category(after) == "So"


def _is_pictured(sign: str) -> bool:
    """Whether it ends an emoji: a picture, its skin's tone, or the sign that asks for colour."""
    return unicodedata.category(sign) == "So" or sign == "\ufe0f" or "\U0001f3fb" <= sign <= "\U0001f3ff"


def _is_variation(sign: str) -> bool:
    return "\ufe00" <= sign <= "\ufe0f" or "\U000e0100" <= sign <= "\U000e01ef"


def _is_unseen(sign: str) -> bool:
    """Whether nothing is drawn for it: fillers, controls, halves of letters, format characters, noncharacters."""
    category = unicodedata.category(sign)
    return (
        sign in _BLANK
        or category in ("Cc", "Cs")
        or (category == "Cf" and sign not in _SEEN)
        or (ord(sign) & 0xFFFE) == 0xFFFE
        or "\ufdd0" <= sign <= "\ufdef"
    )


def _is_dash(sign: str) -> bool:
    return sign == _MINUS or unicodedata.category(sign) == "Pd"


def _mixes_scripts(domain: str) -> bool:
    """Whether a label has letters of more than one of the scripts whose letters look alike."""
    return any(
        len({script for script in map(_script, label) if script}) > 1 for label in re.split("[.。]", domain)
    )


def _script(sign: str) -> str:
    name = unicodedata.name(sign, "").partition(" ")[0] if sign.isalpha() else ""
    return name if name in ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE") else ""
