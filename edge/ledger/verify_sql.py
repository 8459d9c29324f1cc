"""The statements of the audit. But for the streams at the top, each finds breaches and nothing else.

Keys are joined with the unit separator, 0x1F, which no name can hold: one text takes half the memory of five.
"""

_NAMES = "sku, account, lot, expiry, pallet"

_GOODS = "sku || char(31) || lot || char(31) || expiry || char(31) || pallet"

POSTINGS_BY_ENTRY = f"SELECT entry, n, {_GOODS}, qty FROM postings ORDER BY entry, n"

POSTINGS_BY_KEY = f"SELECT {_GOODS} || char(31) || account, qty FROM postings ORDER BY entry, n"

JOURNAL = f"""
SELECT e.fact, e.entry, e.kind, e.booking, e.undoes, {_GOODS} || char(31) || account, qty
FROM entries AS e LEFT JOIN postings AS p ON p.entry = e.entry ORDER BY e.entry, p.n
"""

OPENING = f"SELECT {_GOODS} || char(31) || account, qty FROM opening WHERE book = ? ORDER BY 1"

CLOSING = f"""
SELECT goods, sum(qty) FROM (
    SELECT {_GOODS} || char(31) || account AS goods, qty FROM postings
    UNION ALL SELECT {_GOODS} || char(31) || account, qty FROM opening WHERE book = 'journal')
GROUP BY goods ORDER BY goods
"""

LAST_EVENT = """
SELECT epoch, seq, hash FROM (
    SELECT fact, (SELECT value FROM meta WHERE key = 'epoch') AS epoch, seq, hash FROM events
    UNION ALL SELECT fact, epoch, seq, hash FROM past_events)
ORDER BY fact DESC, seq DESC LIMIT 1
"""

POSITIONS_BY_KEY = f"SELECT {_GOODS} || char(31) || account, qty FROM positions ORDER BY id"

EVENTS = "SELECT seq, type, fact, payload, hash FROM events ORDER BY seq"

PAST_EVENTS = "SELECT seq, type, fact, payload, hash FROM past_events WHERE epoch = ? ORDER BY seq"

FACTS = "SELECT seq, cause, at, body FROM facts ORDER BY seq"

FACT = "SELECT seq, cause, at, body FROM facts WHERE seq = ?"

PROMISES = """
SELECT a.fact, a.id, l.order_id, l.line, a.made, a.rank FROM allocations AS a JOIN lines AS l ON l.id = a.line_id
WHERE a.fact > ? ORDER BY a.fact, a.id
"""

STRANGERS = """
SELECT epoch, COUNT(*) FROM past_events
WHERE epoch NOT IN (SELECT value FROM json_each(?)) GROUP BY epoch ORDER BY epoch
"""
"""Past events of ledgers from which this one does not descend."""

FACT_GAPS = """
SELECT seq, expected FROM (SELECT seq, lag(seq, 1, ?) OVER (ORDER BY seq) + 1 AS expected FROM facts)
WHERE seq <> expected ORDER BY seq
"""

ENTRY_GAPS = """
SELECT entry, expected FROM (SELECT entry, lag(entry, 1, ?) OVER (ORDER BY entry) + 1 AS expected FROM entries)
WHERE entry <> expected ORDER BY entry
"""

ENTRIES_OUT_OF_ORDER = """
SELECT entry, fact, next FROM (SELECT entry, fact, lead(fact) OVER (ORDER BY entry) AS next FROM entries)
WHERE fact > next ORDER BY entry
"""

ENTRIES_UNREADABLE = """
SELECT entry, undo FROM entries WHERE undo IS NOT NULL AND NOT json_valid(undo) ORDER BY entry
"""

UNDONE_WRONGLY = """
SELECT entry, undoes FROM entries WHERE undoes IS NOT NULL AND (undoes >= entry
    OR (SELECT COUNT(*) FROM entries AS other WHERE other.undoes = entries.undoes) <> 1) ORDER BY entry
"""

# A code that was learned may have moved nothing, and then nothing moves when that is undone.
ENTRIES_WITHOUT_POSTINGS = """
SELECT entry FROM entries WHERE NOT EXISTS (SELECT 1 FROM postings WHERE postings.entry = entries.entry)
AND NOT EXISTS (SELECT 1 FROM entries AS first
    WHERE first.entry = ifnull(entries.undoes, entries.entry) AND first.kind = 'learned')
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

ALLOCATIONS_OVERDRAWN = "SELECT id, qty, made FROM allocations WHERE qty < 0 OR qty > made ORDER BY id"

ALLOCATIONS_OF_OTHER_ITEMS = """
SELECT a.id, p.sku, l.sku FROM allocations AS a
JOIN positions AS p ON p.id = a.position_id JOIN lines AS l ON l.id = a.line_id
WHERE p.sku <> l.sku ORDER BY a.id
"""

# Ended ones, too: a position stays when it is empty.
ALLOCATIONS_WITHOUT_POSITION = """
SELECT id, position_id FROM allocations
WHERE NOT EXISTS (SELECT 1 FROM positions WHERE positions.id = position_id) ORDER BY id
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
WHERE fact > ifnull((SELECT value FROM cursors WHERE name = 'archived_fact'), 0)
AND NOT EXISTS (SELECT 1 FROM facts WHERE facts.seq = {table}.fact) ORDER BY {key}
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

LABELS_OVERSPENT = "SELECT job, spent, qty FROM labels WHERE spent NOT BETWEEN 0 AND qty ORDER BY job"

# The time of a fact that was archived cannot be looked up: it lies before those that are here.
_NO_TIME = """
NOT IN (SELECT at FROM facts)
AND {column} > ifnull((SELECT value FROM cursors WHERE name = 'archived_at'), -1)
"""

_POSTED = f"""
SELECT {_NAMES} FROM postings UNION ALL SELECT {_NAMES} FROM opening WHERE book = 'journal'
"""

# A position stays when it is empty, so that it is known whether there ever was anything.
POSITIONS_NEVER_POSTED = f"""
SELECT {_NAMES} FROM positions WHERE qty = 0 EXCEPT SELECT * FROM ({_POSTED}) ORDER BY sku, account, lot, expiry, pallet
"""

POSTED_WITHOUT_POSITION = f"""
SELECT * FROM ({_POSTED}) EXCEPT SELECT {_NAMES} FROM positions ORDER BY sku, account, lot, expiry, pallet
"""

POSITIONS_OF_NO_AGE = f"""
SELECT id, sku, account, since FROM positions WHERE since {_NO_TIME.format(column="since")} ORDER BY id
"""

LEVELS_OF_NO_TIME = f"SELECT sku, at FROM levels WHERE at {_NO_TIME.format(column='at')} ORDER BY sku"

LEVELS_AHEAD = """
SELECT sku, seq, last FROM levels, (SELECT ifnull(max(seq), 0) AS last FROM events)
WHERE seq < 0 OR seq > last ORDER BY sku
"""

# What is on hold is not served, everything else is.
LINES_NOT_AS_ORDER = """
SELECT order_id, line, live, l.fill, o.status, o.fill FROM lines AS l JOIN orders AS o ON o.id = l.order_id
WHERE live <> (o.status <> 'held') OR l.fill <> o.fill ORDER BY l.id
"""

# Only a cancelled line has cancelled goods, nothing more is given to it, and a cancelled order has no other lines.
LINES_CANCELLED = """
SELECT order_id, line, l.is_cancelled, l.cancelled, l.allocated + l.waiting, o.status
FROM lines AS l JOIN orders AS o ON o.id = l.order_id
WHERE CASE l.is_cancelled WHEN 1 THEN l.allocated + l.waiting > 0 ELSE l.cancelled > 0 OR o.status = 'cancelled' END
ORDER BY l.id
"""

ORDERED_WITHOUT_LINE = """
SELECT o.id, json_extract(w.value, '$.line'), json_extract(w.value, '$.sku')
FROM orders AS o, json_each(o.content, '$.lines') AS w
WHERE json_type(o.content, '$.lines') = 'array' AND NOT EXISTS (
    SELECT 1 FROM lines AS l WHERE l.order_id = o.id AND l.line = json_quote(json_extract(w.value, '$.line'))
    AND l.sku = json_extract(w.value, '$.sku'))
ORDER BY o.id, w.key
"""
"""What central ordered, by the content of its last accepted `order.place`."""

RANKS = """
SELECT o.id, o.rank, l.line, l.rank, o.express, o.tier, o.promised_at, o.placed_at
FROM orders AS o JOIN lines AS l ON l.order_id = o.id ORDER BY o.id, l.id
"""

_HERE = "(SELECT min(seq) AS first, max(seq) AS last FROM events)"

ASKED_OF_NO_EVENT = f"""
SELECT number, from_seq, to_seq, ifnull(first, 0), ifnull(last, 0) FROM asked, {_HERE} AS here
WHERE from_seq < ifnull(first, 1) OR to_seq > ifnull(last, 0) ORDER BY number
"""

ASKED_OF_NO_SCOPE = """
SELECT number, scopes FROM asked WHERE scopes IS NOT NULL AND CASE WHEN NOT json_valid(scopes) THEN 1 ELSE
    json_array_length(scopes) = 0
    OR EXISTS (SELECT 1 FROM json_each(scopes) WHERE value NOT IN ('levels', 'positions', 'orders')) END
ORDER BY number
"""

ASKED_AND_TOLD = """
SELECT number, value FROM asked JOIN cursors ON name = 'asked' AND number <= value ORDER BY number
"""

REFUSED_UNCOUNTED = """
SELECT counted, kept FROM (
    SELECT ifnull((SELECT value FROM cursors WHERE name = 'refused'), 0) AS counted,
        (SELECT ifnull(sum(times), 0) FROM refused) AS kept)
WHERE counted < kept
"""
