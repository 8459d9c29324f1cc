"""The tables of the ledger, schema by schema: a ledger of today is the first one with every change since applied.

Empty text stands for "none" in lots, expiries, pallets and places of keys, so that UNIQUE holds. Times (`*_at`) are
milliseconds UTC, expiries ISO dates, quantities whole eaches. A schema that was released is never changed again.
"""

LABEL_IS_OPEN = "status <> 'printed' AND status <> 'failed' AND status <> 'shadow' AND status <> 'held'"
"""A label job that is still to be printed by itself: the condition of `labels_open` to the word, so that SQLite uses
it."""

V1 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE cursors (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- What came in: one row for each scan, command and whatever else was booked. `answer` is what was said to it.
CREATE TABLE facts (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, cause TEXT NOT NULL, source TEXT NOT NULL,
    body TEXT NOT NULL, answer TEXT NOT NULL, text TEXT NOT NULL) STRICT;

CREATE TABLE items (
    sku TEXT PRIMARY KEY, name TEXT NOT NULL DEFAULT '', low_stock INTEGER, home TEXT,
    alternatives TEXT NOT NULL DEFAULT '[]', track TEXT, supplier TEXT, lead_days INTEGER,
    reorder_to INTEGER, discontinued INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE TABLE codes (
    code TEXT PRIMARY KEY, sku TEXT NOT NULL REFERENCES items (sku), pack INTEGER NOT NULL CHECK (pack > 0),
    gtin TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID;
CREATE INDEX codes_by_gtin ON codes (gtin) WHERE gtin <> '';
CREATE INDEX codes_by_sku ON codes (sku);

-- The journal: the postings of an entry sum to zero for each item, lot, expiry and pallet.
CREATE TABLE entries (
    entry INTEGER PRIMARY KEY, fact INTEGER NOT NULL REFERENCES facts (seq), kind TEXT NOT NULL,
    booking INTEGER NOT NULL) STRICT;
CREATE TABLE postings (
    entry INTEGER NOT NULL REFERENCES entries (entry), n INTEGER NOT NULL, sku TEXT NOT NULL, lot TEXT NOT NULL,
    expiry TEXT NOT NULL, pallet TEXT NOT NULL, account TEXT NOT NULL, qty INTEGER NOT NULL CHECK (qty <> 0),
    PRIMARY KEY (entry, n)) STRICT, WITHOUT ROWID;
CREATE INDEX postings_by_place ON postings (sku, account, entry);

-- The sums of the journal. `allocated` is what is promised of a place's goods; `since` the oldest receipt in it.
CREATE TABLE positions (
    id INTEGER PRIMARY KEY, sku TEXT NOT NULL, lot TEXT NOT NULL, expiry TEXT NOT NULL, pallet TEXT NOT NULL,
    account TEXT NOT NULL, qty INTEGER NOT NULL, allocated INTEGER NOT NULL DEFAULT 0, since INTEGER NOT NULL,
    UNIQUE (sku, account, lot, expiry, pallet),
    CHECK (allocated = 0 OR (allocated > 0 AND allocated <= qty AND account LIKE 'location:%')),
    CHECK (qty >= 0 OR account LIKE 'supplier:%' OR account IN ('adjustment', 'identified'))) STRICT;
CREATE INDEX positions_free ON positions (sku) WHERE qty > allocated AND account LIKE 'location:%';

CREATE TABLE orders (
    id TEXT PRIMARY KEY, status TEXT NOT NULL CHECK (status IN ('open', 'held', 'cancelled')),
    express INTEGER NOT NULL, tier INTEGER NOT NULL, promised_at INTEGER, placed_at INTEGER NOT NULL,
    not_before INTEGER, ship_by INTEGER, fill TEXT NOT NULL CHECK (fill IN ('partial', 'line', 'complete')),
    customer TEXT, lane TEXT, ext TEXT, content TEXT NOT NULL, hold_reason TEXT,
    rank TEXT NOT NULL, waiting INTEGER NOT NULL CHECK (waiting >= 0)) STRICT, WITHOUT ROWID;

-- `line` is central's own number or text as JSON. `rank` sorts by bytes into the order of service; `live` lines are
-- those that may be served: not on hold.
CREATE TABLE lines (
    id INTEGER PRIMARY KEY, order_id TEXT NOT NULL REFERENCES orders (id), line TEXT NOT NULL, sku TEXT NOT NULL,
    ordered INTEGER NOT NULL CHECK (ordered > 0), allocated INTEGER NOT NULL DEFAULT 0 CHECK (allocated >= 0),
    picked INTEGER NOT NULL DEFAULT 0 CHECK (picked >= 0), shipped INTEGER NOT NULL DEFAULT 0 CHECK (shipped >= 0),
    cancelled INTEGER NOT NULL DEFAULT 0 CHECK (cancelled >= 0), waiting INTEGER NOT NULL CHECK (waiting >= 0),
    fill TEXT NOT NULL, rank TEXT NOT NULL, live INTEGER NOT NULL DEFAULT 1,
    reason TEXT NOT NULL DEFAULT 'out_of_stock',
    UNIQUE (order_id, line),
    CHECK (waiting = ordered - allocated - picked - shipped - cancelled)) STRICT;
CREATE INDEX lines_waiting ON lines (sku, rank) WHERE waiting > 0 AND live = 1;

-- Promises. `qty` is what is left of one (0: ended), `made` what it was; `rank` is the line's when it was made.
CREATE TABLE allocations (
    id INTEGER PRIMARY KEY, line_id INTEGER NOT NULL REFERENCES lines (id),
    position_id INTEGER NOT NULL, qty INTEGER NOT NULL CHECK (qty >= 0 AND qty <= made), made INTEGER NOT NULL,
    rank TEXT NOT NULL, fact INTEGER NOT NULL) STRICT;
CREATE INDEX allocations_by_position ON allocations (position_id) WHERE qty > 0;
CREATE INDEX allocations_by_line ON allocations (line_id) WHERE qty > 0;

CREATE TABLE asns (
    id TEXT PRIMARY KEY, po TEXT NOT NULL, supplier TEXT, eta INTEGER) STRICT, WITHOUT ROWID;
-- `open` is what is still expected of the line; an SSCC is '' for goods announced without pallets.
CREATE TABLE asn_lines (
    id INTEGER PRIMARY KEY, asn TEXT NOT NULL REFERENCES asns (id), sscc TEXT NOT NULL, sku TEXT NOT NULL,
    lot TEXT NOT NULL, expiry TEXT NOT NULL, line TEXT, qty INTEGER NOT NULL, open INTEGER NOT NULL) STRICT;
CREATE INDEX asn_lines_by_sscc ON asn_lines (sscc) WHERE sscc <> '';
CREATE INDEX asn_lines_by_asn ON asn_lines (asn);
CREATE INDEX asn_lines_open ON asn_lines (sku) WHERE open > 0;

-- Serials and pallets that were received, for "once".
CREATE TABLE received (key TEXT PRIMARY KEY, at INTEGER NOT NULL, fact INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- An item's level, to be told once the events up to `seq` are delivered.
CREATE TABLE levels (
    sku TEXT PRIMARY KEY, on_hand INTEGER NOT NULL DEFAULT 0, allocated INTEGER NOT NULL DEFAULT 0,
    waiting INTEGER NOT NULL DEFAULT 0, missing INTEGER NOT NULL DEFAULT 0, quarantine INTEGER NOT NULL DEFAULT 0,
    expected INTEGER NOT NULL DEFAULT 0, seq INTEGER NOT NULL,
    at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX levels_by_seq ON levels (seq);

CREATE TABLE labels (
    job INTEGER PRIMARY KEY, label TEXT NOT NULL, fact INTEGER NOT NULL, at INTEGER NOT NULL,
    kind TEXT NOT NULL, printer TEXT NOT NULL, content TEXT NOT NULL, sku TEXT NOT NULL, lot TEXT NOT NULL,
    expiry TEXT NOT NULL, qty INTEGER NOT NULL, order_id TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT 'queued'
        CHECK (status IN ('queued', 'sending', 'unknown', 'printed', 'failed')),
    copy INTEGER NOT NULL DEFAULT 0, error TEXT) STRICT;
CREATE INDEX labels_open ON labels (printer, job) WHERE status IN ('queued', 'sending', 'unknown');

-- What central is told. The bytes are the bytes on the wire; `hash` is SHA-256 over the hash before and them.
CREATE TABLE events (
    seq INTEGER PRIMARY KEY, type TEXT NOT NULL, fact INTEGER NOT NULL, payload BLOB NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)) STRICT;
CREATE TABLE commands (
    source TEXT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL, at INTEGER NOT NULL, answer TEXT NOT NULL,
    PRIMARY KEY (source, id)) STRICT, WITHOUT ROWID;
CREATE TABLE answers (
    number INTEGER PRIMARY KEY AUTOINCREMENT, payload BLOB NOT NULL, reply_topic TEXT, correlation BLOB) STRICT;

CREATE TABLE exceptions (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, about TEXT NOT NULL, text TEXT NOT NULL,
    raised_at INTEGER NOT NULL, cleared_at INTEGER, reason TEXT) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX exceptions_open ON exceptions (kind, about) WHERE cleared_at IS NULL;

-- The conversation with each scanner, and what a station remembers, as JSON.
CREATE TABLE dialogues (id TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE stations (id TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE devices (
    id TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('ready', 'lost')),
    text TEXT NOT NULL, since INTEGER NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;
"""

V2 = """
-- What an entry changed beside goods, as JSON, so that it can be taken back; `undoes` is the entry it took back.
ALTER TABLE entries ADD COLUMN undo TEXT;
ALTER TABLE entries ADD COLUMN undoes INTEGER REFERENCES entries (entry);

-- The rules by which promises were made: `order_by` as it stood then.
CREATE TABLE rules (id INTEGER PRIMARY KEY, order_by TEXT NOT NULL UNIQUE) STRICT;
ALTER TABLE allocations ADD COLUMN rule INTEGER REFERENCES rules (id);

-- `spent` is what was picked off a label; a void label's booking was undone. No IN in checks and conditions of
-- indexes: SQLite fills a table of its own with the list for each row written.
CREATE TABLE labels_of_today (
    job INTEGER PRIMARY KEY, label TEXT NOT NULL, fact INTEGER NOT NULL, at INTEGER NOT NULL,
    kind TEXT NOT NULL, printer TEXT NOT NULL, content TEXT NOT NULL, sku TEXT NOT NULL, lot TEXT NOT NULL,
    expiry TEXT NOT NULL, qty INTEGER NOT NULL, order_id TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT 'queued' CHECK (status = 'queued' OR status = 'sending' OR status = 'unknown'
        OR status = 'printed' OR status = 'failed'),
    copy INTEGER NOT NULL DEFAULT 0, error TEXT,
    spent INTEGER NOT NULL DEFAULT 0, void INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO labels_of_today (job, label, fact, at, kind, printer, content, sku, lot, expiry, qty, order_id, status,
    copy, error)
    SELECT job, label, fact, at, kind, printer, content, sku, lot, expiry, qty, order_id, status, copy, error
    FROM labels ORDER BY job;
DROP TABLE labels;
ALTER TABLE labels_of_today RENAME TO labels;
CREATE INDEX labels_open ON labels (printer) WHERE status <> 'printed' AND status <> 'failed';

-- When a line's goods are expected, and by which announcement.
ALTER TABLE lines ADD COLUMN expected_at INTEGER;
ALTER TABLE lines ADD COLUMN expected_asn TEXT;
CREATE INDEX lines_expected ON lines (sku) WHERE expected_at IS NOT NULL;
ALTER TABLE orders ADD COLUMN revision INTEGER;
-- What comes back of a cancelled line is not wanted again, even where all of it was picked and `cancelled` is 0.
ALTER TABLE lines ADD COLUMN is_cancelled INTEGER NOT NULL DEFAULT 0 CHECK (is_cancelled IN (0, 1));
UPDATE lines SET is_cancelled = 1
    WHERE cancelled > 0 OR order_id IN (SELECT id FROM orders WHERE status = 'cancelled');

-- What has to be done at a time: an order's hold ends, an announcement is overdue, a dialogue is left.
CREATE TABLE timers (
    kind TEXT NOT NULL, about TEXT NOT NULL, due_at INTEGER NOT NULL, PRIMARY KEY (kind, about)) STRICT, WITHOUT ROWID;
CREATE INDEX timers_due ON timers (due_at, kind, about);

-- Items of a move or count that is begun and not yet booked. `entry` is the journal's last when each was scanned.
CREATE TABLE begun (
    dialogue TEXT NOT NULL, what TEXT NOT NULL CHECK (what IN ('move', 'count')), n INTEGER NOT NULL,
    sku TEXT NOT NULL, lot TEXT NOT NULL, expiry TEXT NOT NULL, pallet TEXT NOT NULL, label TEXT NOT NULL,
    qty INTEGER NOT NULL CHECK (qty >= 0), entry INTEGER NOT NULL,
    PRIMARY KEY (dialogue, what, n)) STRICT, WITHOUT ROWID;

-- The fact by which an item was last counted at a place: what was booked there before is settled.
CREATE TABLE counts (
    sku TEXT NOT NULL, account TEXT NOT NULL, fact INTEGER NOT NULL, PRIMARY KEY (sku, account))
    STRICT, WITHOUT ROWID;
-- Nothing looks postings up by place any more: positions know whether there ever were any.
DROP INDEX postings_by_place;

-- `n` counts the changes of levels: what changed since a level was told is told again, events or not.
ALTER TABLE levels ADD COLUMN n INTEGER NOT NULL DEFAULT 0;
UPDATE levels SET n = counted.n, seq = min(levels.seq, ifnull((SELECT max(seq) FROM events), 0))
    FROM (SELECT sku, row_number() OVER (ORDER BY seq, sku) AS n FROM levels) AS counted
    WHERE counted.sku = levels.sku;
DELETE FROM cursors WHERE name = 'levels';
DROP INDEX levels_by_seq;
CREATE INDEX levels_by_n ON levels (n);

CREATE INDEX asns_by_po ON asns (po);

-- Without `qty` in their conditions: what a booking changes of a position is none of theirs.
CREATE INDEX positions_by_pallet ON positions (pallet) WHERE pallet <> '';
CREATE INDEX positions_by_account ON positions (account, sku);
CREATE INDEX positions_by_expiry ON positions (expiry) WHERE expiry <> '';

-- A booking is taken back once.
CREATE UNIQUE INDEX entries_undone ON entries (undoes) WHERE undoes IS NOT NULL;

-- Events of the ledgers from which this one was restored: never sent again, never lost. meta `ancestors` has their
-- order.
CREATE TABLE past_events (
    epoch TEXT NOT NULL, seq INTEGER NOT NULL, type TEXT NOT NULL, fact INTEGER NOT NULL, payload BLOB NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32), PRIMARY KEY (epoch, seq)) STRICT;

-- What history that was archived sums to: by the journal, and by the moves of the events. The cursors archived_fact,
-- archived_entry and archived_seq, and meta archived_epoch and archived_hash, say how far it reaches.
CREATE TABLE opening (
    book TEXT NOT NULL CHECK (book IN ('journal', 'events')), sku TEXT NOT NULL, lot TEXT NOT NULL,
    expiry TEXT NOT NULL, pallet TEXT NOT NULL, account TEXT NOT NULL, qty INTEGER NOT NULL,
    PRIMARY KEY (book, sku, lot, expiry, pallet, account)) STRICT, WITHOUT ROWID;

-- History is only ever added to. Only what was archived may leave, and what came in is history, too.
DROP TRIGGER entries_keep_delete;
DROP TRIGGER postings_keep_delete;
DROP TRIGGER events_keep_delete;
CREATE TRIGGER entries_keep_delete BEFORE DELETE ON entries
    WHEN OLD.entry > ifnull((SELECT value FROM cursors WHERE name = 'archived_entry'), 0)
    BEGIN SELECT RAISE(ABORT, 'entries is only ever added to'); END;
CREATE TRIGGER postings_keep_delete BEFORE DELETE ON postings
    WHEN OLD.entry > ifnull((SELECT value FROM cursors WHERE name = 'archived_entry'), 0)
    BEGIN SELECT RAISE(ABORT, 'postings is only ever added to'); END;
CREATE TRIGGER events_keep_delete BEFORE DELETE ON events
    WHEN OLD.fact > ifnull((SELECT value FROM cursors WHERE name = 'archived_fact'), 0)
    BEGIN SELECT RAISE(ABORT, 'events is only ever added to'); END;
CREATE TRIGGER past_events_keep_delete BEFORE DELETE ON past_events
    WHEN OLD.fact > ifnull((SELECT value FROM cursors WHERE name = 'archived_fact'), 0)
    BEGIN SELECT RAISE(ABORT, 'past_events is only ever added to'); END;
CREATE TRIGGER past_events_keep_update BEFORE UPDATE ON past_events
    BEGIN SELECT RAISE(ABORT, 'past_events is only ever added to'); END;
CREATE TRIGGER facts_keep_delete BEFORE DELETE ON facts
    WHEN OLD.seq > ifnull((SELECT value FROM cursors WHERE name = 'archived_fact'), 0)
    BEGIN SELECT RAISE(ABORT, 'facts is only ever added to'); END;
CREATE TRIGGER facts_keep_update BEFORE UPDATE ON facts
    BEGIN SELECT RAISE(ABORT, 'facts is only ever added to'); END;
"""

V3 = """
-- From here on the `body` of a scan's fact is the code as it was read, each byte one character; facts before have it
-- as people read it, control characters made visible.

-- A label in `shadow` is kept to be seen, and never printed.
CREATE TABLE labels_of_today (
    job INTEGER PRIMARY KEY, label TEXT NOT NULL, fact INTEGER NOT NULL, at INTEGER NOT NULL,
    kind TEXT NOT NULL, printer TEXT NOT NULL, content TEXT NOT NULL, sku TEXT NOT NULL, lot TEXT NOT NULL,
    expiry TEXT NOT NULL, qty INTEGER NOT NULL, order_id TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT 'queued' CHECK (status = 'queued' OR status = 'sending' OR status = 'unknown'
        OR status = 'printed' OR status = 'failed' OR status = 'shadow'),
    copy INTEGER NOT NULL DEFAULT 0, error TEXT,
    spent INTEGER NOT NULL DEFAULT 0, void INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO labels_of_today (job, label, fact, at, kind, printer, content, sku, lot, expiry, qty, order_id, status,
    copy, error, spent, void)
    SELECT job, label, fact, at, kind, printer, content, sku, lot, expiry, qty, order_id, status, copy, error,
    spent, void FROM labels ORDER BY job;
DROP TABLE labels;
ALTER TABLE labels_of_today RENAME TO labels;
CREATE INDEX labels_open ON labels (printer)
    WHERE status <> 'printed' AND status <> 'failed' AND status <> 'shadow';
"""

V4 = """
-- A label that is `held` was too old when its turn came, and waits for a person. `station` is where it was asked for
-- ('': nowhere); `asked_at` when a person let it go on.
CREATE TABLE labels_of_today (
    job INTEGER PRIMARY KEY, label TEXT NOT NULL, fact INTEGER NOT NULL, at INTEGER NOT NULL,
    kind TEXT NOT NULL, printer TEXT NOT NULL, content TEXT NOT NULL, sku TEXT NOT NULL, lot TEXT NOT NULL,
    expiry TEXT NOT NULL, qty INTEGER NOT NULL, order_id TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT 'queued' CHECK (status = 'queued' OR status = 'sending' OR status = 'unknown'
        OR status = 'printed' OR status = 'failed' OR status = 'shadow' OR status = 'held'),
    copy INTEGER NOT NULL DEFAULT 0, error TEXT,
    spent INTEGER NOT NULL DEFAULT 0, void INTEGER NOT NULL DEFAULT 0,
    station TEXT NOT NULL DEFAULT '', asked_at INTEGER) STRICT;
INSERT INTO labels_of_today (job, label, fact, at, kind, printer, content, sku, lot, expiry, qty, order_id, status,
    copy, error, spent, void)
    SELECT job, label, fact, at, kind, printer, content, sku, lot, expiry, qty, order_id, status, copy, error,
        spent, void FROM labels;
DROP TABLE labels;
ALTER TABLE labels_of_today RENAME TO labels;
CREATE INDEX labels_open ON labels (printer)
    WHERE status <> 'printed' AND status <> 'failed' AND status <> 'shadow' AND status <> 'held';
CREATE INDEX labels_held ON labels (printer, label) WHERE status = 'held';
"""

V5 = """
-- What central asked to be told beside events: events once more (from_seq to to_seq), or a snapshot (scopes, as JSON),
-- which is published under `id`. A row leaves once the broker has all of it.
CREATE TABLE asked (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, from_seq INTEGER, to_seq INTEGER, scopes TEXT,
    CHECK ((scopes IS NULL) <> (from_seq IS NULL) AND (from_seq IS NULL) = (to_seq IS NULL)),
    CHECK (from_seq > 0 AND from_seq <= to_seq)) STRICT;

-- The last `cmdseq` of each source that counts its commands.
CREATE TABLE sources (source TEXT PRIMARY KEY, cmdseq INTEGER NOT NULL CHECK (cmdseq > 0)) STRICT, WITHOUT ROWID;

-- What came on `cmd` or `ack` and was refused. `head` are its first bytes as text, `size` is how many came; `times`
-- how often the same came, from `at` to `last_at`. The oldest leave when there are too many; cursor `refused` counts
-- all.
CREATE TABLE refused (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, last_at INTEGER NOT NULL, topic TEXT NOT NULL,
    source TEXT NOT NULL, id TEXT NOT NULL, code TEXT NOT NULL, text TEXT NOT NULL, place TEXT, head TEXT NOT NULL,
    size INTEGER NOT NULL, times INTEGER NOT NULL DEFAULT 1 CHECK (times > 0)) STRICT;
CREATE UNIQUE INDEX refused_same ON refused (topic, source, id, code, head);
CREATE INDEX refused_by_id ON refused (id, at);

-- Each ack that cannot be is told to people once, however often it comes. Of all kinds: had the index a condition on
-- one, SQLite would plan each question that has the kind as a parameter anew every time.
CREATE INDEX exceptions_by_about ON exceptions (kind, about);
"""
