"""Tests, one folder per room; shared parts are imported as `tests.<name>`."""
