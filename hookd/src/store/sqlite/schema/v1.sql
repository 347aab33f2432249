-- A plan in a repository: what filters, statistics and retention go by.
CREATE TABLE scope (
    id INTEGER PRIMARY KEY,
    repo TEXT NOT NULL,
    plan TEXT NOT NULL,
    UNIQUE (plan, repo)
);
CREATE INDEX scope_by_repo ON scope (repo);

CREATE TABLE hook (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

-- How many there are of something, so that nothing need be counted.
-- kind: 1 runs of a scope, 2 ended runs of a scope, 3 their bytes, 4 runs of a condition,
-- 5 ended runs by how they ended, 6 ends of a hook.
CREATE TABLE tally (
    kind INTEGER NOT NULL,
    value INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (kind, value)
) WITHOUT ROWID;

CREATE TABLE run (
    n INTEGER PRIMARY KEY,
    -- A UUID of version 7: its first 48 bits are milliseconds since 1970.
    id BLOB NOT NULL,
    scope INTEGER NOT NULL,
    condition INTEGER NOT NULL,
    -- The 16 bytes of one that is a UUID, the text of any other.
    operation BLOB,
    -- When it was admitted: microseconds after the time in its id.
    began INTEGER NOT NULL,
    -- Null while it is under way; the number of its decision; or 4294967296: interrupted.
    ended INTEGER,
    -- When it ended: microseconds after the time in its id.
    ended_after INTEGER,
    bytes INTEGER,
    request BLOB,
    -- A digest of the event that the request came with.
    event BLOB,
    -- The numbers of the hooks in hook_end, as varints.
    hooks BLOB,
    -- Its row in past, once it has ended.
    past INTEGER
);
CREATE UNIQUE INDEX run_by_id ON run (id);
-- What comes after the id is asked of many runs without looking at each in the table.
CREATE INDEX run_by_scope ON run (scope, id, condition);
CREATE INDEX run_by_condition ON run (condition, id, scope);
CREATE INDEX run_by_ended ON run (ended, id, scope, condition);
CREATE INDEX run_by_operation ON run (operation, id) WHERE operation IS NOT NULL;
CREATE UNIQUE INDEX run_by_request ON run (request) WHERE request IS NOT NULL;

-- Records of a run that is under way, or has many bytes of them, each with its length as
-- a varint before it.
CREATE TABLE journal (
    -- 2^24 times the run's n, and the sequence number of the first record.
    place INTEGER PRIMARY KEY,
    -- The sequence number of the last record.
    last INTEGER NOT NULL,
    records BLOB NOT NULL,
    -- The run at a glance as it begins, in the row that begins its journal.
    glance BLOB
);

-- Runs that have ended, in the order in which they did: new rows only come at the end,
-- where they fill one page after another.
CREATE TABLE past (
    at INTEGER PRIMARY KEY,
    -- The sequence number of the last record.
    last INTEGER NOT NULL,
    -- How many bytes of the content are the run at a glance; the others are its records,
    -- unless there are none: those are in the journal then.
    glance INTEGER NOT NULL,
    -- How many bytes the content has when inflated, if it is deflated.
    inflated INTEGER,
    content BLOB NOT NULL
);

CREATE TABLE hook_end (
    hook INTEGER NOT NULL,
    -- The run's id, so that the ends of a hook are in the order of runs.
    run BLOB NOT NULL,
    nth INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    -- Microseconds after the time in the run's id.
    at INTEGER NOT NULL,
    -- Microseconds.
    elapsed INTEGER NOT NULL,
    -- 0 succeeded, 1 warned, 2 ignored, 3 failed, 4 skipped.
    result INTEGER NOT NULL,
    -- Of failures only.
    outcome BLOB,
    PRIMARY KEY (hook, run, nth)
) WITHOUT ROWID;
