"""How dates and times are written, where the store differs from Django, a package a language."""
