"""Names that look alike: "Loom & Lace", "L00m & Lace", "Ḻoom＆Lace" and "Lоom & Lace" with a Cyrillic о are one.

The letters are those of Unicode's confusables (UTS 39) that a shop's name can be written in and that look like a
Latin letter or a digit in most fonts; scripts of their own (豆, ש) look like themselves.
"""

import unicodedata

from .cleaning import clean_identifier

# What looks like the letter in front, in any case. i, l, 1, I and | are one; so are o and 0.
_LIKE = {
    "a": "аαɑᴀ",
    "b": "ЬьвβʙƄ",
    "c": "сϲᴄ",
    "d": "ԁɗđᴅ",
    "e": "еєεҽёᴇ",
    "f": "ғƒϝ",
    "g": "ɡɢԍ",
    "h": "һнηħʜհ",
    "j": "јϳʝ",
    "k": "кκᴋĸ",
    "l": "іιıl1|ӏℓłɩ׀ⅼłʟ",
    "m": "мᴍⅿ",
    "n": "пոɴŋ",
    "o": "о0οσօøᴏə",
    "p": "рρþᴘ",
    "q": "ԛգ",
    "r": "гᴦʀɾ",
    "s": "ѕʂꜱƽ",
    "t": "тτᴛŧ",
    "u": "цυսᴜʋ",
    "v": "νѵᴠⅴ",
    "w": "ԝωѡшᴡ",
    "x": "хχ×ⅹ",
    "y": "уγүʏу",
    "z": "ᴢʐƶ",
    "3": "зʒӡ",
    "4": "ч",
    "6": "б",
}
_TABLE = str.maketrans(
    {sign: letter for letter, signs in _LIKE.items() for sign in signs} | {"i": "l", "æ": "ae", "œ": "oe"}
)
# Two letters that stand for one at a glance.
_PAIRS = (("rn", "m"), ("vv", "w"))
# What a glance leaves out: blanks are gone already, dashes are one kind (clean_identifier).
_SKIPPED = str.maketrans("", "", " -_.'’‘`´·•")


def skeleton(name: str) -> str:
    """What two names are compared by where they must not look alike: no case, blanks, accents or homoglyphs.

    A name of nothing but signs that are left out is its own folded self. It is for comparing, never for showing.
    """
    folded = clean_identifier(name).casefold()
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(sign))
    seen = bare.translate(_TABLE).translate(_SKIPPED)
    for pair, letter in _PAIRS:
        seen = seen.replace(pair, letter)
    return seen or folded
