"""The goods of the demo and the codes on them."""

import time

PEN, CASE_OF_PENS, INK, PAPER = "7612345001012", "17612345001019", "7612345001029", "7612345001036"
WRONG_DIGIT = "7612345001013"
CARTON = "X-4711-B"
"""A supplier's own code, which no catalogue has."""
SSCC = "376123450000000429"

# Good for years from whenever the demo is played: expired goods would go into quarantine.
_YEAR = time.gmtime().tm_year + 3
EXPIRY = f"{_YEAR}-06-30"
PAPER_GS1 = f"]C1010{PAPER}17{_YEAR % 100:02}063010B7"
"""GS1-128: GTIN (01), expiry (17), lot (10)."""
