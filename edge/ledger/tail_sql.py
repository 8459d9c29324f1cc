"""The statements of the look at a ledger's end. Each costs the same however long the history is."""

META = "SELECT key, value FROM meta ORDER BY key"

LAST_EVENTS = "SELECT seq, hash, payload FROM events ORDER BY seq DESC LIMIT ?"

ARCHIVED = """
SELECT (SELECT value FROM meta WHERE key = 'epoch'), (SELECT value FROM meta WHERE key = 'archived_epoch'),
    (SELECT value FROM cursors WHERE name = 'archived_seq'),
    (SELECT value FROM meta WHERE key = 'archived_hash')
"""
"""The ledger's epoch, and where its history was cut off: epoch, seq and hash of the last archived event."""

CURSORS = """
SELECT c.name, c.value, e.upto FROM cursors AS c JOIN (
    SELECT 'events' AS name, ifnull((SELECT max(seq) FROM events), 0) AS upto
    UNION ALL SELECT 'published', ifnull((SELECT max(seq) FROM events), 0)
    UNION ALL SELECT 'levels', ifnull((SELECT max(n) FROM levels), 0)
    UNION ALL SELECT 'answers', ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'answers'), 0)
    UNION ALL SELECT 'asked', ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'asked'), 0)
) AS e ON e.name = c.name ORDER BY c.name
"""
"""How far each lane was delivered, and how far it goes."""

FACTS = """
SELECT max(ifnull((SELECT fact FROM events ORDER BY seq DESC LIMIT 1), 0),
    ifnull((SELECT fact FROM entries ORDER BY entry DESC LIMIT 1), 0)),
    (SELECT ifnull(max(seq), 0) FROM facts)
"""

UNBALANCED = """
SELECT sku, entry, sum(qty) AS total FROM postings WHERE entry > :since
GROUP BY entry, sku, lot, expiry, pallet HAVING total <> 0 ORDER BY entry, sku LIMIT 1
"""

# A code that was learned may have moved nothing, and then nothing moves when that is undone.
EMPTY = """
SELECT entry FROM entries WHERE entry > :since
AND NOT EXISTS (SELECT 1 FROM postings WHERE postings.entry = entries.entry)
AND NOT EXISTS (SELECT 1 FROM entries AS first
    WHERE first.entry = ifnull(entries.undoes, entries.entry) AND first.kind = 'learned')
ORDER BY entry LIMIT 1
"""

WITHOUT_POSITION = """
SELECT entry, sku, account FROM postings AS p WHERE entry > :since AND NOT EXISTS (
    SELECT 1 FROM positions AS q WHERE q.sku = p.sku AND q.account = p.account AND q.lot = p.lot
    AND q.expiry = p.expiry AND q.pallet = p.pallet)
ORDER BY entry, n LIMIT 1
"""
