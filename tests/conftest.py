"""What holds for all tests."""

from hypothesis import settings

# No test is timed: a machine that does something else for a moment is no fault of an example.
settings.register_profile("crossdock", deadline=None)
settings.load_profile("crossdock")
