-- Schema version 4: the ledger also tells attempts and the length of what was bought; 0 for what was bought before.

ALTER TABLE {p}job ADD COLUMN {if_absent}billed_attempts BIGINT DEFAULT 0 NOT NULL;

ALTER TABLE {p}job ADD COLUMN {if_absent}billed_audio_ms BIGINT DEFAULT 0 NOT NULL;

ALTER TABLE {p}event ADD COLUMN {if_absent}billed_attempts BIGINT DEFAULT 0 NOT NULL;

ALTER TABLE {p}event ADD COLUMN {if_absent}billed_audio_ms BIGINT DEFAULT 0 NOT NULL;

ALTER TABLE {p}pruned_usage ADD COLUMN {if_absent}billed_attempts BIGINT DEFAULT 0 NOT NULL;

ALTER TABLE {p}pruned_usage ADD COLUMN {if_absent}billed_audio_ms BIGINT DEFAULT 0 NOT NULL;
