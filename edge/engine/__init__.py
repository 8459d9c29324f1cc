"""One fact, one booking, one transaction.

`core` takes facts and commits them. What people scan is in `scans`, what central commands in `commands` (neither knows
of the other), what the clock and devices bring in `times` and `devices`. All of them fill a `booking`; what follows
from it is drawn by `consequences`, what central hears of it written by `telling`. The rest is what they share.
"""
