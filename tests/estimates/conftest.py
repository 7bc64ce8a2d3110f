"""The same examples of every property at every run, on a machine however slow."""

from hypothesis import settings

settings.register_profile("house", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("house")
