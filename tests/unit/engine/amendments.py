"""`order.amend` as central sends it, and one that is refused with all left as it was."""

from typing import Any

from tests.house import House


def line(n: int, qty: int, sku: str | None = None) -> dict[str, Any]:
    return {"line": n, "qty": qty, **({"sku": sku} if sku else {})}


def amend(house: House, *lines: dict[str, Any], order: str = "SO-1", **fields: Any) -> None:
    house.done("order.amend", {"order": order, **({"lines": list(lines)} if lines else {}), **fields})


def refused(house: House, *lines: dict[str, Any], order: str = "SO-1", **fields: Any) -> tuple[str, str]:
    """Send an amendment that is refused and changes nothing; its code and where."""
    house.told()
    before = house.rows("SELECT * FROM lines ORDER BY id"), house.rows("SELECT * FROM orders ORDER BY id")
    data = {"order": order, **({"lines": list(lines)} if lines else {}), **fields}
    error = house.command("order.amend", data)["error"]
    assert house.told() == []
    assert before == (
        house.rows("SELECT * FROM lines ORDER BY id"),
        house.rows("SELECT * FROM orders ORDER BY id"),
    )
    return error["code"], error["at"]
