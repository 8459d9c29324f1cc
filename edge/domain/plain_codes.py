"""Plain trade codes: the digits of EAN, UPC and ITF symbols, and what is wrong with those that are none.

General Specifications 1.4, 5.2 and 7.9.1. Whether the catalogue lists a code is not asked here.
"""

from edge.domain.gs1 import check_digit

_GTIN_LENGTHS = frozenset({8, 12, 13, 14})
_ADD_ONS = frozenset({2, 5})


def gtin14(code: str) -> str | None:
    """Write a GTIN-8, -12, -13 or -14 with 14 digits; None for another length or a wrong check digit.

    >>> gtin14("96385074"), gtin14("96385075"), gtin14("ABC")
    ('00000096385074', None, None)
    """
    if len(code) not in _GTIN_LENGTHS or not code.isdecimal() or check_digit(code[:-1]) != code[-1]:
        return None
    return code.zfill(14)


def fault(code: str, symbol: str | None) -> tuple[str, str] | None:
    """Say why a code of an EAN, UPC or ITF symbol is no GTIN, as `why` and a sentence; None where it is another's.

    Without identifier, digits as long as a GTIN are held to be one: as GS1 elements, a misread EAN would be an
    order or a lot.
    """
    if not code.isdecimal() or (symbol is not None and symbol[:2] not in _TRADE_SYMBOLS):
        return None
    # Only behind the identifier of an EAN with add-on: a shorter GTIN and digits could be anything.
    if symbol == "]E3" and any(gtin14(code[:-length]) for length in _ADD_ONS):
        return (
            "bad_code",
            "This EAN came with the small add-on beside it. Have the scanner leave add-ons away, and scan again.",
        )
    if len(code) not in _GTIN_LENGTHS:
        return None
    if symbol != "]E4" and gtin14(upc_a(code)) is not None:
        return (
            "check_digit",
            f"This is a short UPC-E code. Have the scanner send UPC-E as UPC-A, {upc_a(code)}, and scan again.",
        )
    right = check_digit(code[:-1])
    return "check_digit", f"GTIN check digit is wrong: the last digit should be {right}."


def upc_a(code: str) -> str:
    """Write the eight digits of a UPC-E as the UPC-A they stand for; empty for others (General Specifications 5.2).

    >>> upc_a("04252614"), upc_a("96385074")
    ('042100005264', '')
    """
    if len(code) != 8 or code[0] not in "01":
        return ""
    system, digits, last, check = code[0], code[1:6], code[6], code[7]
    if last in "012":
        middle = f"{digits[:2]}{last}0000{digits[2:]}"
    elif last == "3":
        middle = f"{digits[:3]}00000{digits[3:]}"
    elif last == "4":
        middle = f"{digits[:4]}00000{digits[4]}"
    else:
        middle = f"{digits}0000{last}"
    return system + middle + check


_TRADE_SYMBOLS = frozenset({"]E", "]I"})  # EAN/UPC and ITF: other symbols hold any number of eight digits
