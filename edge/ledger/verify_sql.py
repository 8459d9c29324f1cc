"""The statements of the audit. But for the streams at the top, each finds breaches and nothing else.

Keys are joined with the unit separator, 0x1F, which no name can hold: one text takes half the memory of five.
"""

_GOODS = "sku || char(31) || lot || char(31) || expiry || char(31) || pallet"

POSTINGS_BY_ENTRY = f"SELECT entry, {_GOODS}, qty FROM postings ORDER BY entry, n"

POSTINGS_BY_KEY = f"SELECT {_GOODS} || char(31) || account, qty FROM postings ORDER BY entry, n"

POSITIONS_BY_KEY = f"SELECT {_GOODS} || char(31) || account, qty FROM positions ORDER BY id"

EVENTS = "SELECT seq, type, payload, hash FROM events ORDER BY seq"

ENTRIES_WITHOUT_POSTINGS = """
SELECT entry FROM entries WHERE NOT EXISTS (SELECT 1 FROM postings WHERE postings.entry = entries.entry)
ORDER BY entry
"""

POSITIONS_ALLOCATED = """
SELECT p.id, p.sku, p.lot, p.account, p.allocated, COALESCE(a.total, 0)
FROM positions AS p
LEFT JOIN (SELECT position_id, SUM(qty) AS total FROM allocations WHERE qty > 0 GROUP BY position_id) AS a
    ON a.position_id = p.id
WHERE p.allocated <> COALESCE(a.total, 0) ORDER BY p.id
"""

POSITIONS_OVERDRAWN = """
SELECT id, sku, lot, account, allocated, qty FROM positions
WHERE allocated > 0 AND (allocated > qty OR account NOT LIKE 'location:%') ORDER BY id
"""

LINES_ALLOCATED = """
SELECT l.order_id, l.line, l.allocated, COALESCE(a.total, 0)
FROM lines AS l
LEFT JOIN (SELECT line_id, SUM(qty) AS total FROM allocations WHERE qty > 0 GROUP BY line_id) AS a
    ON a.line_id = l.id
WHERE l.allocated <> COALESCE(a.total, 0) ORDER BY l.id
"""

ALLOCATIONS_OF_OTHER_ITEMS = """
SELECT a.id, p.sku, l.sku FROM allocations AS a
JOIN positions AS p ON p.id = a.position_id JOIN lines AS l ON l.id = a.line_id
WHERE a.qty > 0 AND p.sku <> l.sku ORDER BY a.id
"""

# An ended promise may outlive its position, which goes once it is empty.
ALLOCATIONS_WITHOUT_POSITION = """
SELECT id, position_id FROM allocations
WHERE qty > 0 AND NOT EXISTS (SELECT 1 FROM positions WHERE positions.id = position_id) ORDER BY id
"""

LINES_WAITING = """
SELECT order_id, line, waiting, ordered - allocated - picked - shipped - cancelled FROM lines
WHERE waiting <> ordered - allocated - picked - shipped - cancelled OR waiting < 0 ORDER BY id
"""

ORDERS_WAITING = """
SELECT o.id, o.waiting, COALESCE(l.total, 0)
FROM orders AS o
LEFT JOIN (SELECT order_id, SUM(waiting) AS total FROM lines GROUP BY order_id) AS l ON l.order_id = o.id
WHERE o.waiting <> COALESCE(l.total, 0) ORDER BY o.id
"""

_DERIVED = {
    "on_hand": "SELECT sku, SUM(qty) AS total FROM positions WHERE account LIKE 'location:%' GROUP BY sku",
    "allocated": "SELECT sku, SUM(allocated) AS total FROM positions GROUP BY sku",
    "waiting": "SELECT sku, SUM(waiting) AS total FROM lines GROUP BY sku",
    "missing": "SELECT sku, SUM(qty) AS total FROM positions WHERE account LIKE 'missing:%' GROUP BY sku",
    "quarantine": "SELECT sku, SUM(qty) AS total FROM positions WHERE account LIKE 'quarantine:%' GROUP BY sku",
    "expected": "SELECT sku, SUM(open) AS total FROM asn_lines GROUP BY sku",
}

LEVELS = {
    name: f"""
SELECT sku, stored, derived FROM (
    SELECT v.sku AS sku, v.{name} AS stored, COALESCE(d.total, 0) AS derived
    FROM levels AS v LEFT JOIN ({derived}) AS d ON d.sku = v.sku
    UNION ALL
    SELECT d.sku, 0, d.total FROM ({derived}) AS d
    WHERE NOT EXISTS (SELECT 1 FROM levels WHERE levels.sku = d.sku))
WHERE stored <> derived ORDER BY sku
"""
    for name, derived in _DERIVED.items()
}
"""For each figure of a level the items whose level says another than the books; an item without level has 0."""

_WITHOUT_FACT = """
SELECT {key}, fact FROM {table}
WHERE NOT EXISTS (SELECT 1 FROM facts WHERE facts.seq = {table}.fact) ORDER BY {key}
"""

WITHOUT_FACT = {
    name: _WITHOUT_FACT.format(key=key, table=table)
    for name, key, table in (
        ("label job", "job", "labels"),
        ("event", "seq", "events"),
        ("entry", "entry", "entries"),
        ("allocation", "id", "allocations"),
        ("receipt of", "key", "received"),
    )
}

LABELS_WITHOUT_ORDER = """
SELECT job, order_id FROM labels
WHERE order_id <> '' AND NOT EXISTS (SELECT 1 FROM orders WHERE orders.id = order_id) ORDER BY job
"""
