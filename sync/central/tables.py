"""The tables of central, once for SQLite and PostgreSQL: what differs between them stands in braces.

No column holds NULL for "none" of goods: lot, expiry and pallet are then empty, as they are part of a key.
"""

VERSION = 1

TABLES = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) {strict}",
    # `state` is the last that the node told, as JSON.
    "CREATE TABLE nodes (id {serial}, name TEXT NOT NULL UNIQUE, state TEXT, seen_at TEXT) {strict}",
    # A ledger that a node has, or had. `seq` and `hash` say how far its events are here without a hole; `base` is
    # from where on they count for the books: after an event of that number a snapshot says what there was. NULL: no
    # such snapshot yet. One epoch of a node is present; those before it are `past`.
    """CREATE TABLE epochs (id {serial}, node {integer} NOT NULL REFERENCES nodes (id), name TEXT NOT NULL,
        seq {integer} NOT NULL, hash {bytes}, base {integer},
        standing TEXT NOT NULL CHECK (standing IN ('unknown', 'present', 'past')), UNIQUE (node, name)) {strict}""",
    # Also those that came beyond a hole: their number is above the epoch's `seq`.
    """CREATE TABLE events (epoch {integer} NOT NULL REFERENCES epochs (id), seq {integer} NOT NULL,
        payload {bytes} NOT NULL, PRIMARY KEY (epoch, seq)) {strict}""",
    """CREATE TABLE positions (node {integer} NOT NULL REFERENCES nodes (id), sku TEXT NOT NULL, lot TEXT NOT NULL,
        expiry TEXT NOT NULL, pallet TEXT NOT NULL, account TEXT NOT NULL, qty {integer} NOT NULL,
        PRIMARY KEY (node, sku, lot, expiry, pallet, account)) {strict}""",
    "CREATE INDEX positions_empty ON positions (node) WHERE qty = 0",
    """CREATE TABLE levels (node {integer} NOT NULL REFERENCES nodes (id), sku TEXT NOT NULL, told TEXT NOT NULL,
        PRIMARY KEY (node, sku)) {strict}""",
    """CREATE TABLE orders (node {integer} NOT NULL REFERENCES nodes (id), name TEXT NOT NULL, status TEXT NOT NULL,
        PRIMARY KEY (node, name)) {strict}""",
    # `line` is JSON: a number or a text. What was ordered is unknown until a command of ours or a snapshot says so.
    """CREATE TABLE lines (node {integer} NOT NULL REFERENCES nodes (id), order_name TEXT NOT NULL,
        line TEXT NOT NULL, sku TEXT NOT NULL, ordered {integer}, allocated {integer} NOT NULL,
        picked {integer} NOT NULL, shipped {integer} NOT NULL, cancelled {integer} NOT NULL,
        waiting {integer} NOT NULL, PRIMARY KEY (node, order_name, line)) {strict}""",
    """CREATE TABLE exceptions (node {integer} NOT NULL REFERENCES nodes (id), name TEXT NOT NULL, told TEXT NOT NULL,
        PRIMARY KEY (node, name)) {strict}""",
    # A snapshot on its way; `begun` is its first message.
    """CREATE TABLE snapshots (id {serial}, node {integer} NOT NULL REFERENCES nodes (id), name TEXT NOT NULL,
        begun TEXT NOT NULL, is_whole {integer} NOT NULL, UNIQUE (node, name)) {strict}""",
    """CREATE TABLE chunks (snapshot {integer} NOT NULL REFERENCES snapshots (id), number {integer} NOT NULL,
        payload {bytes} NOT NULL, PRIMARY KEY (snapshot, number)) {strict}""",
    """CREATE TABLE comparisons (id {serial}, node {integer} NOT NULL REFERENCES nodes (id), name TEXT NOT NULL,
        told TEXT NOT NULL) {strict}""",
    # `answer` is NULL until the node has answered.
    """CREATE TABLE commands (id {serial}, node {integer} NOT NULL REFERENCES nodes (id), source TEXT NOT NULL,
        name TEXT NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL, cmdseq {integer}, written_at TEXT NOT NULL,
        answer TEXT, answered_at TEXT, UNIQUE (source, name)) {strict}""",
    "CREATE INDEX commands_open ON commands (node, id) WHERE answer IS NULL",
    "CREATE INDEX commands_by_cmdseq ON commands (node, source, cmdseq)",
    """CREATE TABLE findings (id {serial}, node {integer} NOT NULL REFERENCES nodes (id), kind TEXT NOT NULL,
        about TEXT NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL, times {integer} NOT NULL,
        UNIQUE (node, kind, about)) {strict}""",
)
