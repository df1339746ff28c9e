"""How many examples Hypothesis tries: the profile "ci" with every change, "nightly" in `make soak`.

HYPOTHESIS_PROFILE names it. A test that can afford fewer (or more) than the profile's says how many with
`examples(40)`, which a night multiplies; by day the dear ones try the same ones every time.
"""

import os

from hypothesis import settings

IS_NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
TIMES = 20 if IS_NIGHTLY else 1


def examples(usual: int) -> int:
    return usual * TIMES


settings.register_profile("ci", deadline=None, max_examples=examples(100))
settings.register_profile("nightly", parent=settings.get_profile("ci"))
settings.load_profile("nightly" if IS_NIGHTLY else "ci")
