"""English words without their plural ending, so that "boxes" finds a box and "box" finds boxes.

Harman's S-stemmer (JASIS 42, 1991), with what shops sell most set right. One and many need to come out
alike, not as a word: shoe and shoes are both "sho". Other endings stay: "wireless" is no "wire".
"""

_IRREGULAR = {
    "calves": "calf",
    "children": "child",
    "elves": "elf",
    "feet": "foot",
    "geese": "goose",
    "halves": "half",
    "hooves": "hoof",
    "knives": "knife",
    "leaves": "leaf",
    "loaves": "loaf",
    "men": "man",
    "mice": "mouse",
    "people": "person",
    "quizzes": "quiz",
    "scarves": "scarf",
    "shelves": "shelf",
    "teeth": "tooth",
    "thieves": "thief",
    "wives": "wife",
    "wolves": "wolf",
    "women": "woman",
    # One of them ends in s.
    "atlas": "atlas",
    "atlases": "atlas",
    "canvas": "canvas",
    "canvases": "canvas",
    "gas": "gas",
    "gases": "gas",
    "lens": "lens",
    "lenses": "lens",
}
_SINGULAR_S = ("us", "ss", "is")
_BEFORE_ES = ("xe", "che", "she", "sse", "use", "ise", "oe")


def stem(word: str) -> str:
    """`word` as it and its plural are looked for: headphones → headphone, batteries → battery, boxes → box."""
    word = _IRREGULAR.get(word, word)
    if word in _IRREGULAR.values() and word != "mouse":
        return word
    if len(word) > 3 and word.endswith("s") and not word.endswith(_SINGULAR_S):
        word = word[:-1]
    if len(word) > 4 and word.endswith("ie") and not word.endswith(("aie", "eie")):
        return word[:-2] + "y"
    if len(word) > 3 and word.endswith(_BEFORE_ES):
        return word[:-1]
    return word
