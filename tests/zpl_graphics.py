"""Reads what ^GF draws, by the words of Zebra's guide and not by ours: for tests."""

from PIL import Image


def decoded(field: bytes) -> tuple[int, bytes]:
    """Bytes to the row and the dots of one ^GFA."""
    _, transmitted, total, row_bytes, told = field.split(b",", 4)
    assert transmitted == total
    digits_to_row = 2 * int(row_bytes)
    rows: list[str] = []
    row, count = "", 0
    for sign in told.decode("ascii"):
        match sign:
            case "," | "!":
                row = row.ljust(digits_to_row, "0" if sign == "," else "F")
            case ":":
                assert not row
                row = rows[-1]
            case _ if "G" <= sign <= "Y":
                count += ord(sign) - ord("F")
            case _ if "g" <= sign <= "z":
                count += 20 * (ord(sign) - ord("f"))
            case _:
                row, count = row + sign * (count or 1), 0
        assert len(row) <= digits_to_row
        if len(row) == digits_to_row:
            rows.append(row)
            row = ""
    assert not row
    assert len(rows) * int(row_bytes) == int(total)
    return int(row_bytes), bytes.fromhex("".join(rows))


def picture(field: bytes) -> Image.Image:
    """What one ^GFA draws, black on white."""
    row_bytes, data = decoded(field)
    size = (row_bytes * 8, len(data) // row_bytes)
    return Image.frombytes("1", size, bytes(byte ^ 0xFF for byte in data)).convert("L")
