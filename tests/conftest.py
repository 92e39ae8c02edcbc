"""Settings for all tests: the same examples on every machine that only checks, new ones where people work."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("check", derandomize=True, deadline=None)
settings.register_profile("work", deadline=None)
settings.load_profile("check" if os.environ.get("CI") else "work")
