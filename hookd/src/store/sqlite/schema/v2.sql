-- What a run begins with stands in its row as long as it is under way: one page less for
-- each run that is admitted, and one less for each that ends.
-- The run at a glance as it begins.
ALTER TABLE run ADD COLUMN glance BLOB;
-- The first record, as in the journal.
ALTER TABLE run ADD COLUMN first BLOB;
UPDATE run SET (glance, first) =
    (SELECT glance, records FROM journal WHERE place = run.n << 24 | 1)
    WHERE ended IS NULL;
DELETE FROM journal WHERE place IN (SELECT n << 24 | 1 FROM run WHERE ended IS NULL);
ALTER TABLE journal DROP COLUMN glance;

-- Only runs that have ended are counted.
DELETE FROM tally WHERE kind = 1;
UPDATE tally SET count = count -
    (SELECT count(*) FROM run WHERE ended IS NULL AND condition = tally.value)
    WHERE kind = 4;

-- How many bytes the content has otherwise, if it is an LZ4 block.
ALTER TABLE past ADD COLUMN unpacked INTEGER;
