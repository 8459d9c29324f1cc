"""What the GS1 standard asks of an element's content beyond the format that biip knows.

Each rule is one of the linters of the GS1 Barcode Syntax Dictionary, which GS1 publishes beside the General
Specifications (ref.gs1.org/tools/gs1-barcode-syntax-resource). Check digits and dates are `gs1`'s. Left out,
and so taken as text: coupons (8110, 8112) and the list of package types (7041).
"""

import re
from collections.abc import Callable, Iterable
from datetime import date


def fault(ai: str, value: str) -> str | None:
    """Say what a value breaks, as "expected ...", or None. Its length and characters are right already.

    >>> fault("3932", "0001099")
    'expected a currency number of ISO 4217 first'
    >>> fault("3932", "9781099") is None
    True
    """
    for is_right, expected in RULES.get(ai, ()):
        if not is_right(value):
            return f"expected {expected}"
    return None


def _numbers(*rows: str) -> frozenset[str]:
    return frozenset(" ".join(rows).split())


_COUNTRIES = _numbers(  # ISO 3166-1, numeric
    "004 008 010 012 016 020 024 028 031 032 036 040 044 048 050 051 052 056 060 064 068 070 072 074 076",
    "084 086 090 092 096 100 104 108 112 116 120 124 132 136 140 144 148 152 156 158 162 166 170 174 175",
    "178 180 184 188 191 192 196 203 204 208 212 214 218 222 226 231 232 233 234 238 239 242 246 248 250",
    "254 258 260 262 266 268 270 275 276 288 292 296 300 304 308 312 316 320 324 328 332 334 336 340 344",
    "348 352 356 360 364 368 372 376 380 384 388 392 398 400 404 408 410 414 417 418 422 426 428 430 434",
    "438 440 442 446 450 454 458 462 466 470 474 478 480 484 492 496 498 499 500 504 508 512 516 520 524",
    "528 531 533 534 535 540 548 554 558 562 566 570 574 578 580 581 583 584 585 586 591 598 600 604 608",
    "612 616 620 624 626 630 634 638 642 643 646 652 654 659 660 662 663 666 670 674 678 682 686 688 690",
    "694 702 703 704 705 706 710 716 724 728 729 732 740 744 748 752 756 760 762 764 768 772 776 780 784",
    "788 792 795 796 798 800 804 807 818 826 831 832 833 834 840 850 854 858 860 862 876 882 887 894",
)
_CURRENCIES = _numbers(  # ISO 4217, numeric
    "008 012 032 036 044 048 050 051 052 060 064 068 072 084 090 096 104 108 116 124 132 136 144 152 156",
    "170 174 188 192 203 208 214 222 230 232 238 242 262 270 292 320 324 328 332 340 344 348 352 356 360",
    "364 368 376 388 392 396 398 400 404 408 410 414 417 418 422 426 430 434 446 454 458 462 480 484 496",
    "498 504 512 516 524 532 533 548 554 558 566 578 586 590 598 600 604 608 634 643 646 654 682 690 702",
    "704 706 710 728 748 752 756 760 764 776 780 784 788 800 807 818 826 834 840 858 860 882 886 901 924",
    "925 926 927 928 929 930 933 934 936 938 940 941 943 944 946 947 948 949 950 951 952 953 955 956 957",
    "958 959 960 961 962 963 964 965 967 968 969 970 971 972 973 975 976 977 978 979 980 981 984 985 986",
    "990 994 997 999",
)
_LETTERS = """
    A:DEFGILMOQRSTUWXZ B:ABDEFGHIJLMNOQRSTVWYZ C:ACDFGHIKLMNORUVWXYZ D:EJKMOZ E:CEGHRST F:IJKMOR
    G:ABDEFGHILMNPQRSTUWY H:KMNRTU I:DELMNOQRST J:EMOP K:EGHIMNPRWYZ L:ABCIKRSTUVY
    M:ACDEFGHKLMNOPQRSTUVWXYZ N:ACEFGILOPRUZ O:M P:AEFGHKLMNRSTWY Q:A R:EOSUW
    S:ABCDEGHIJKLMNORSTVXYZ T:CDFGHJKLMNORTVWZ U:AGMSYZ V:ACEGINU W:FS Y:ET Z:AMW
"""
_COUNTRY_LETTERS = frozenset(  # ISO 3166-1 alpha-2, by first letter
    group[0] + second for group in _LETTERS.split() for second in group[2:]
)

_CSET_32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_CSET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)


def _check_pair(value: str) -> bool:
    """csumalpha: the check character pair of a GMN (General Specifications 7.9.5)."""
    data = reversed(value[:-2])
    total = sum(_CSET_82.index(c) * prime for c, prime in zip(data, _PRIMES, strict=False)) % 1021
    return value[-2:] == _CSET_32[total >> 5] + _CSET_32[total & 31]


def _iban(value: str) -> bool:
    """iban: ISO 13616, country first, the whole modulo 97 is 1 once the head stands behind."""
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{7,30}", value) or value[:2] not in _COUNTRY_LETTERS:
        return False
    return int("".join(str(int(c, 36)) for c in value[4:] + value[:4])) % 97 == 1


def _piece_of_total(value: str) -> bool:
    """pieceoftotal: piece and total behind a GTIN, from 1, the piece not beyond the total."""
    return 1 <= int(value[14:16]) <= int(value[16:18])


def _is_day(yyyymmdd: str) -> bool:
    """yyyymmdd: there, the century is written out and no day is left open."""
    try:
        date.fromisoformat(yyyymmdd)
    except ValueError:
        return False
    return True


def _threes(value: str) -> Iterable[str]:
    return (value[at : at + 3] for at in range(0, len(value), 3))


def _form(pattern: str) -> Callable[[str], object]:
    return re.compile(pattern).fullmatch


_Rule = tuple[Callable[[str], object], str]

_COUNTRY: _Rule = (lambda value: value[:3] in _COUNTRIES, "a country number of ISO 3166 first")
_ALL_COUNTRIES: _Rule = (
    lambda value: all(code in _COUNTRIES for code in _threes(value)),
    "country numbers of ISO 3166",
)
_PROCESSOR: _Rule = (
    lambda value: value[:3] in _COUNTRIES or value[:3] == "999",
    "a country number of ISO 3166 or 999 first",
)
_COUNTRY_CODE: _Rule = (_COUNTRY_LETTERS.__contains__, "a country of ISO 3166 in two letters")
_CURRENCY: _Rule = (lambda value: value[:3] in _CURRENCIES, "a currency number of ISO 4217 first")
_NOT_EMPTY: _Rule = (bool, "at least one digit")
_COMPANY: _Rule = (_form(r"[0-9]{4}.*"), "the digits of a GS1 company prefix first")
_PERCENT: _Rule = (_form(r"(?:[^%]|%[0-9A-Fa-f]{2})*"), "two hexadecimal digits behind each %")
_TIME: _Rule = (
    # 9999 stands for no time of the day there (General Specifications, AI 4324 and 4325).
    _form(r".{6}(?:(?:[01][0-9]|2[0-3])[0-5][0-9]|9999)"),
    "a time of the day behind the date",
)
_BIRTH: _Rule = (lambda value: _is_day(value[:8]), "a day (year, month, day)")
_PAIR: _Rule = (_check_pair, "other check characters at the end")
_PIECE: _Rule = (_piece_of_total, "a piece number from 1 to the total")

RULES: dict[str, tuple[_Rule, ...]] = {
    "30": (_NOT_EMPTY,),
    **{f"391{n}": (_CURRENCY,) for n in range(10)},
    **{f"393{n}": (_CURRENCY,) for n in range(10)},
    "401": (_COMPANY,),
    "421": (_COUNTRY,),
    "422": (_COUNTRY,),
    "423": (_ALL_COUNTRIES,),
    "424": (_COUNTRY,),
    "425": (_ALL_COUNTRIES,),
    "426": (_COUNTRY,),
    **{f"43{n:02}": (_PERCENT,) for n in (*range(7), *range(10, 17), 20)},
    "4307": (_COUNTRY_CODE,),
    "4317": (_COUNTRY_CODE,),
    "4309": (
        (
            _form(r"(?:0\d{9}|1[0-7]\d{8}|180{8})(?:[0-2]\d{9}|3[0-5]\d{8}|360{8})"),
            "a latitude and a longitude",
        ),
    ),
    "4324": (_TIME,),
    "4325": (_TIME,),
    "7003": ((_form(r".{6}(?:[01]\d|2[0-3])[0-5]\d"), "a time of the day behind the date"),),
    "7004": (_NOT_EMPTY,),
    "7011": ((_form(r".{6}(?:(?:[01]\d|2[0-3])[0-5]\d)?"), "a time of the day behind the date"),),
    "7023": (_COMPANY,),
    **{f"703{n}": (_PROCESSOR,) for n in range(10)},
    "7040": ((_form(r"...[-0-9A-Z_a-z]"), "an importer index last"),),
    "7241": ((_form(r"0[1-9]|10|[89]\d"), "a media type"),),
    "7250": (_BIRTH,),
    "7251": (_BIRTH,),
    "7252": ((_form(r"[0129]"), "0, 1, 2 or 9"),),
    **{f"72{n}": (_PERCENT,) for n in (53, 54, 56, 57, 59)},
    "7258": ((lambda value: "1" <= value[0] <= value[2], "a position and a number, as 1/2"),),
    "8001": (
        (_form(r"(?!0000)\d{4}(?!00000)\d{5}(?!000)\d{3}[019]\d"), "width, length, core, direction, splices"),
    ),
    "8004": (_COMPANY,),
    "8006": (_PIECE,),
    "8007": ((_iban, "an IBAN"),),
    "8010": (_COMPANY,),
    "8011": ((_form(r"[1-9]\d*"), "no zero first"),),
    "8013": (_COMPANY, _PAIR),
    "8014": (_COMPANY, _PAIR, (_form(r".*\D.*"), "a letter or sign in it")),
    "8026": (_PIECE,),
}
