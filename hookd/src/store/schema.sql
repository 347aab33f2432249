-- Versions 1 and 2 were never released: this one is made as a whole.

-- A plan in a repository: what filters, statistics and retention go by. Ids are never used
-- again, so that no other plan gets the id of one whose runs are being pruned.
CREATE TABLE scope (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    repo TEXT NOT NULL,
    plan TEXT NOT NULL,
    UNIQUE (plan, repo)
);

CREATE TABLE hook (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
);

-- Counts of runs that have ended, kept by the triggers below, so that no query has to count
-- rows. kind: 1 runs of a scope, 2 bytes of the runs of a scope, 3 runs of a condition,
-- 4 runs by the value of `ended`, 5 rows of a hook in `hook_end`.
CREATE TABLE tally (
    kind INTEGER NOT NULL,
    value INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (kind, value)
) WITHOUT ROWID;

-- All times are in microseconds since 1970.
CREATE TABLE run (
    n INTEGER PRIMARY KEY,
    -- A UUID of version 7: its first 48 bits are milliseconds since 1970.
    id BLOB NOT NULL,
    scope INTEGER NOT NULL,
    condition INTEGER NOT NULL,
    -- The 16 bytes of a UUID, the text of any other id, or null.
    operation BLOB,
    began INTEGER NOT NULL,
    -- The number of the decision, -1 as long as the run is under way, -2 if the daemon
    -- died before its end.
    ended INTEGER NOT NULL DEFAULT -1,
    ended_at INTEGER,
    -- Accounted to the run by retention.
    bytes INTEGER,
    request BLOB,
    -- A digest of the event that the request came with.
    event BLOB,
    -- The hooks that have rows in `hook_end`, as a JSON array of ids.
    hooks TEXT,
    -- The row in `archive`, once the run has ended.
    archive INTEGER,
    -- Of a run under way: its first record as in `journal`. In this row, it saves a page
    -- write at the beginning and one at the end.
    first BLOB
);
CREATE UNIQUE INDEX run_by_id ON run (id);
-- The columns after the id let filters pass over runs without reading their rows.
CREATE INDEX run_by_scope ON run (scope, id, condition);
CREATE INDEX run_by_condition ON run (condition, id, scope);
CREATE INDEX run_by_ended ON run (ended, id, scope, condition);
CREATE INDEX run_by_operation ON run (operation, id) WHERE operation IS NOT NULL;
CREATE UNIQUE INDEX run_by_request ON run (request) WHERE request IS NOT NULL;

-- Records of runs under way after the first, and of long runs; each record follows its
-- length as a varint.
CREATE TABLE journal (
    -- 2^24 times the run's n, plus the sequence number of the first record.
    key INTEGER PRIMARY KEY,
    -- The sequence number of the last record.
    last INTEGER NOT NULL,
    records BLOB NOT NULL
);

-- Runs that have ended, in the order of their ends: rows are only appended, and fill one
-- page after another.
CREATE TABLE archive (
    id INTEGER PRIMARY KEY,
    -- The sequence number of the last record.
    last INTEGER NOT NULL,
    -- The length of the summary at the beginning of the uncompressed content. The records
    -- follow it; if nothing follows, they are in `journal`.
    summary_bytes INTEGER NOT NULL,
    -- The uncompressed length, if the content is an LZ4 block.
    uncompressed_bytes INTEGER,
    content BLOB NOT NULL
);

CREATE TABLE hook_end (
    hook INTEGER NOT NULL,
    -- The run's id, so that the rows of a hook are in the order of runs.
    run BLOB NOT NULL,
    nth INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    at INTEGER NOT NULL,
    -- In microseconds.
    elapsed INTEGER NOT NULL,
    -- 0 succeeded, 1 warned, 2 ignored, 3 failed, 4 skipped.
    result INTEGER NOT NULL,
    -- Of failures only.
    outcome BLOB,
    PRIMARY KEY (hook, run, nth)
) WITHOUT ROWID;

CREATE TRIGGER run_ends AFTER UPDATE OF ended ON run BEGIN
    INSERT INTO tally (kind, value, count) VALUES
        (1, new.scope, 1), (2, new.scope, new.bytes), (3, new.condition, 1), (4, new.ended, 1)
    ON CONFLICT DO UPDATE SET count = count + excluded.count;
END;
CREATE TRIGGER run_goes AFTER DELETE ON run WHEN old.ended <> -1 BEGIN
    INSERT INTO tally (kind, value, count) VALUES
        (1, old.scope, -1), (2, old.scope, -old.bytes), (3, old.condition, -1),
        (4, old.ended, -1)
    ON CONFLICT DO UPDATE SET count = count + excluded.count;
END;
CREATE TRIGGER hook_ends AFTER INSERT ON hook_end BEGIN
    INSERT INTO tally (kind, value, count) VALUES (5, new.hook, 1)
    ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER hook_end_goes AFTER DELETE ON hook_end BEGIN
    UPDATE tally SET count = count - 1 WHERE kind = 5 AND value = old.hook;
END;
