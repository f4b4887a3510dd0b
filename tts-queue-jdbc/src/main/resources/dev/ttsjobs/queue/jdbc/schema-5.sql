-- Schema version 5: what a worker waits for that can do nothing, its storage, say; null for the others.

ALTER TABLE {p}worker ADD COLUMN {if_absent}waits_kind VARCHAR(32);

ALTER TABLE {p}worker ADD COLUMN {if_absent}waits_code VARCHAR(64);

ALTER TABLE {p}worker ADD COLUMN {if_absent}waits_message VARCHAR(600);

ALTER TABLE {p}worker ADD COLUMN {if_absent}waits_since BIGINT;
