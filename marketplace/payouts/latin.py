"""Names in the letters that every bank takes: EPC217-08 lets a file hold Latin letters, digits and a few signs.

Latin letters lose their accents; Greek and Cyrillic, which SEPA's own countries write, are spelt in Latin ones as they
are on passports. Letters of every other script are spelt by AnyAscii, sign by sign: a bank's reader can tell whom
"WangXiaoMing" or "mhmd" means, and nobody could of no name. What is no letter (an emoji) is left out.
"""

import unicodedata

from anyascii import anyascii

ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")
_SPELT = """
ß=ss æ=ae œ=oe ø=o ł=l đ=d ð=d þ=th ı=i ŋ=ng ħ=h ŧ=t ’=' ‘=' –=- —=- &=+ @=(at) _=-
α=a β=v γ=g δ=d ε=e ζ=z η=i θ=th ι=i κ=k λ=l μ=m ν=n ξ=x ο=o π=p ρ=r σ=s ς=s τ=t υ=y φ=f χ=ch ψ=ps ω=o
а=a б=b в=v г=g д=d е=e ж=zh з=z и=i й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=h ц=ts ч=ch ш=sh щ=sht
ъ=a ы=y ь=y э=e ю=yu я=ya і=i ї=i є=ye ґ=g ј=j љ=lj њ=nj ћ=c џ=dz ђ=dj ѓ=g ќ=k ѕ=dz
"""
_LETTERS = str.maketrans(dict(pair.split("=", 1) for pair in _SPELT.split()))


def to_latin(text: str, *, most: int) -> str:
    """`text` in the letters that banks take, `most` of them; "" where none is left."""
    plain = "".join(_spelt(sign) for sign in unicodedata.normalize("NFC", text))
    words = "".join(sign for sign in plain if sign in ALLOWED).split()
    # "//" and a slash at either end mean something of their own in a bank's file.
    joined = " ".join(words)[:most]
    while "//" in joined:
        joined = joined.replace("//", "/")
    return joined.strip("/ ") if any(sign.isalnum() for sign in joined) else ""


def _spelt(sign: str) -> str:
    """One sign in Latin letters, a capital as one: Ø is O, Θ is Th."""
    if sign.isspace():
        return " "
    if sign in ALLOWED:
        return sign
    small = sign.lower()
    spelt = small.translate(_LETTERS)
    if spelt == small:  # an accent: what stands under it
        base = unicodedata.normalize("NFKD", small)
        spelt = "".join(one for one in base.translate(_LETTERS) if not unicodedata.combining(one))
    if not any(one in ALLOWED for one in spelt) and unicodedata.category(sign)[0] in "LMN":
        return anyascii(sign)
    return spelt.capitalize() if sign != small else spelt
