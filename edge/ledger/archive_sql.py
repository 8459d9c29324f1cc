"""The statements that move closed history from the ledger, `main`, to a file of its own, attached as `archive`."""

HISTORY = ("facts", "entries", "postings", "events", "past_events")
_TABLES = ", ".join(f"'{table}'" for table in (*HISTORY, "opening", "cursors", "meta"))

# Tables before what hangs on them. Indexes that SQLite makes by itself have no statement.
SCHEMA = f"""
SELECT sql FROM main.sqlite_master WHERE tbl_name IN ({_TABLES}) AND sql IS NOT NULL
ORDER BY type <> 'table', name
"""

# Up to before the first fact that is not old, not told whole, or asked for again. The last of each stays: the engine
# counts on from it.
LAST_OLD_FACT = """
SELECT min(
    ifnull((SELECT seq FROM facts WHERE at >= :before ORDER BY seq LIMIT 1), 9223372036854775807),
    ifnull((SELECT fact FROM events WHERE :is_central
        AND seq > ifnull((SELECT value FROM cursors WHERE name = 'events'), 0) ORDER BY seq LIMIT 1),
        9223372036854775807),
    ifnull((SELECT fact FROM events WHERE seq >= (SELECT min(from_seq) FROM asked) ORDER BY seq LIMIT 1),
        9223372036854775807),
    ifnull((SELECT fact FROM events ORDER BY seq DESC LIMIT 1), 9223372036854775807),
    ifnull((SELECT fact FROM entries ORDER BY entry DESC LIMIT 1), 9223372036854775807),
    (SELECT ifnull(max(seq), 1) FROM facts)) - 1
"""

# The first fact to leave that a later one, which stays, has undone.
UNDONE_LATER = """
SELECT min(undone.fact) FROM entries AS undoing JOIN entries AS undone ON undone.entry = undoing.undoes
WHERE undoing.undoes IS NOT NULL AND undoing.fact > :upto AND undone.fact <= :upto
"""

_COPY = "INSERT INTO archive.{table} SELECT * FROM main.{table} WHERE {which} ORDER BY {order}"

COPIES = (
    _COPY.format(table="facts", which="seq <= :upto", order="seq"),
    _COPY.format(table="entries", which="fact <= :upto", order="entry"),
    _COPY.format(
        table="postings",
        which="entry <= (SELECT max(entry) FROM main.entries WHERE fact <= :upto)",
        order="entry, n",
    ),
    _COPY.format(table="events", which="fact <= :upto", order="seq"),
    _COPY.format(table="past_events", which="fact <= :upto", order="fact, seq"),
    _COPY.format(table="opening", which=":upto > 0", order="book, sku, lot, expiry, pallet, account"),
    _COPY.format(table="cursors", which="name LIKE 'archived%' AND :upto > 0", order="name"),
    _COPY.format(
        table="meta",
        which="key IN ('epoch', 'ancestors', 'archived_epoch', 'archived_hash') AND :upto > 0",
        order="key",
    ),
    "INSERT INTO archive.meta (key, value) VALUES ('archive', CAST(:upto AS TEXT))",
)
"""What an archive has, in an order in which every row finds the one it names."""

SET_CURSOR = "INSERT OR REPLACE INTO cursors (name, value) VALUES (?, ?)"

_DELETE = (
    "DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE {which} ORDER BY {key} LIMIT 5000)"
)

DELETES = (
    "DELETE FROM postings WHERE entry IN ("
    "SELECT DISTINCT entry FROM postings WHERE entry <= :entry ORDER BY entry LIMIT 2000)",
    _DELETE.format(table="entries", key="entry", which="entry <= :entry"),
    _DELETE.format(table="events", key="seq", which="fact <= :upto"),
    _DELETE.format(table="past_events", key="rowid", which="fact <= :upto"),
    _DELETE.format(table="facts", key="seq", which="seq <= :upto"),
)
"""Each to be repeated until nothing is left: what a statement changes waits in memory until it is done."""
