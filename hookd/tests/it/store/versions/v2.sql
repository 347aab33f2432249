PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA application_id = 1751868465;
PRAGMA user_version = 2;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE scope (
    id INTEGER PRIMARY KEY,
    repo TEXT NOT NULL,
    plan TEXT NOT NULL,
    UNIQUE (plan, repo)
);
INSERT INTO scope VALUES(1,'repo','plan');
INSERT INTO scope VALUES(2,'repo','');
INSERT INTO scope VALUES(3,'repo','other');
CREATE TABLE hook (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
INSERT INTO hook VALUES(1,'first');
INSERT INTO hook VALUES(2,'second');
CREATE TABLE tally (
    kind INTEGER NOT NULL,
    value INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (kind, value)
) WITHOUT ROWID;
INSERT INTO tally VALUES(2,1,1);
INSERT INTO tally VALUES(2,2,1);
INSERT INTO tally VALUES(3,1,599);
INSERT INTO tally VALUES(3,2,420);
INSERT INTO tally VALUES(4,2,2);
INSERT INTO tally VALUES(5,2,1);
INSERT INTO tally VALUES(5,4294967296,1);
INSERT INTO tally VALUES(6,1,1);
INSERT INTO tally VALUES(6,2,1);
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
, glance BLOB, first BLOB);
INSERT INTO run VALUES(1,X'019e70448be870008000000000000001',1,2,'operation',0,2,500000,599,X'00000000000000000000000000000007',X'0101010101010101010101010101010101010101010101010101010101010101',X'0102',1,NULL,NULL);
INSERT INTO run VALUES(2,X'019e70448fd070008000000000000002',2,2,NULL,0,4294967296,500000,420,NULL,NULL,NULL,2,NULL,NULL);
INSERT INTO run VALUES(3,X'019e704493b870008000000000000003',3,2,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,X'72756e203320626567696e73',X'06626567696e73');
CREATE TABLE journal (
    -- 2^24 times the run's n, and the sequence number of the first record.
    place INTEGER PRIMARY KEY,
    -- The sequence number of the last record.
    last INTEGER NOT NULL,
    records BLOB NOT NULL);
INSERT INTO journal VALUES(50331650,2,X'0164');
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
, unpacked INTEGER);
INSERT INTO past VALUES(1,3,11,NULL,X'ff0872756e203120656e64656406626567696e730161e807620100ffffffd160626262626262',1022);
INSERT INTO past VALUES(2,2,11,NULL,X'72756e203220656e64656406626567696e730163',NULL);
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
INSERT INTO hook_end VALUES(1,X'019e70448be870008000000000000001',0,1,0,5000,0,NULL);
INSERT INTO hook_end VALUES(2,X'019e70448be870008000000000000001',1,1,0,5000,3,X'6f7574636f6d65206f66207365636f6e6420617420323032362d30352d32385432303a32363a34315a');
CREATE INDEX scope_by_repo ON scope (repo);
CREATE UNIQUE INDEX run_by_id ON run (id);
CREATE INDEX run_by_scope ON run (scope, id, condition);
CREATE INDEX run_by_condition ON run (condition, id, scope);
CREATE INDEX run_by_ended ON run (ended, id, scope, condition);
CREATE INDEX run_by_operation ON run (operation, id) WHERE operation IS NOT NULL;
CREATE UNIQUE INDEX run_by_request ON run (request) WHERE request IS NOT NULL;
COMMIT;
