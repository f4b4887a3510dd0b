-- Schema version 3: what the host's hook has refused, jobs that are tried again by themselves, and indexes for lists and pruning.

-- Clips that were made or given up, and whose end the host's hook has refused: how often, since when, and why. They are
-- queued again, to be completed once the hook agrees. failure_* is why it was given up, for one that was.
CREATE TABLE IF NOT EXISTS {p}refused (
  clip BIGINT NOT NULL PRIMARY KEY,
  since BIGINT NOT NULL,
  times INTEGER NOT NULL,
  reason VARCHAR(600) NOT NULL,
  failure_kind VARCHAR(32),
  failure_code VARCHAR(64),
  failure_message VARCHAR(600)
);

CREATE INDEX IF NOT EXISTS {p}job_of_status ON {p}job (status, number);

CREATE INDEX IF NOT EXISTS {p}job_of_owner_status ON {p}job (owner, status, number);

CREATE INDEX IF NOT EXISTS {p}job_of_reference ON {p}job (reference, owner, number);

CREATE INDEX IF NOT EXISTS {p}used_old ON {p}used (measure, period);

-- Jobs that are tried again by themselves when they end with something lacking: how often at most, how often so far, the first
-- pause in microseconds, and when next; due is null while the job runs or nothing is to be tried.
CREATE TABLE IF NOT EXISTS {p}job_rounds (
  job BIGINT NOT NULL PRIMARY KEY,
  most INTEGER NOT NULL,
  done INTEGER NOT NULL,
  first_pause BIGINT NOT NULL,
  due BIGINT
);

CREATE INDEX IF NOT EXISTS {p}job_rounds_due ON {p}job_rounds (due);
