-- Schema version 2: the outbox, the audit log, pruning and budgets.

-- Who is told of the ends of jobs.
CREATE TABLE IF NOT EXISTS {p}handler (
  name VARCHAR(40) NOT NULL PRIMARY KEY,
  since BIGINT NOT NULL
);

-- A job as it stood when it ended: what may change of it later. It may end again after a retry, with another version.
CREATE TABLE IF NOT EXISTS {p}event (
  job BIGINT NOT NULL,
  version BIGINT NOT NULL,
  status SMALLINT NOT NULL,
  processed INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  made INTEGER NOT NULL,
  billed_characters BIGINT NOT NULL,
  billed_clips INTEGER NOT NULL,
  failure_code VARCHAR(64),
  failure_message VARCHAR(600),
  started_at BIGINT,
  completed_at BIGINT NOT NULL,
  PRIMARY KEY (job, version)
);

-- An event on its way to a handler. state: 0 waiting, 1 delivered, 2 dead. Taking it moves due to the end of the lease.
CREATE TABLE IF NOT EXISTS {p}delivery (
  job BIGINT NOT NULL,
  version BIGINT NOT NULL,
  handler VARCHAR(40) NOT NULL,
  state SMALLINT NOT NULL,
  attempts INTEGER NOT NULL,
  epoch BIGINT NOT NULL,
  due BIGINT NOT NULL,
  last_error VARCHAR(600),
  PRIMARY KEY (job, handler, version)
);

CREATE INDEX IF NOT EXISTS {p}delivery_next ON {p}delivery ({state_column}handler, due){where_queued};

CREATE INDEX IF NOT EXISTS {p}delivery_dead ON {p}delivery (handler, job){where_dead};

-- Who did what to which job. Only ever added to; action: 0 submitted, 1 cancelled, 2 retried. job is the job's id, which may
-- be there no longer.
CREATE TABLE IF NOT EXISTS {p}audit (
  number {number},
  happened_at BIGINT NOT NULL,
  action SMALLINT NOT NULL,
  actor VARCHAR(200),
  address VARCHAR(100),
  job VARCHAR(36) NOT NULL,
  owner VARCHAR(200) NOT NULL,
  reference VARCHAR(200),
  phrases INTEGER NOT NULL,
  characters BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS {p}audit_of_owner ON {p}audit (owner, number);

-- Pruning. Jobs whose rows are gone, and of which phrases and sides may be left.
CREATE TABLE IF NOT EXISTS {p}pruned_job (
  job BIGINT NOT NULL PRIMARY KEY
);

-- What jobs have cost that are gone, by owner.
CREATE TABLE IF NOT EXISTS {p}pruned_usage (
  owner VARCHAR(200) NOT NULL PRIMARY KEY,
  characters BIGINT NOT NULL,
  billed_characters BIGINT NOT NULL,
  clips BIGINT NOT NULL,
  billed_clips BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS {p}job_ended ON {p}job (completed_at){where_ended};

CREATE INDEX IF NOT EXISTS {p}idempotency_old ON {p}idempotency (created_at);

CREATE INDEX IF NOT EXISTS {p}daily_old ON {p}daily (day_number);

-- What is used up under limits. measure: 0 characters a day, 1 millionths of a US dollar a month, 2 jobs a day; owner is empty for everybody;
-- period is the day since 1970, or the month since the year 0.
CREATE TABLE IF NOT EXISTS {p}used (
  measure SMALLINT NOT NULL,
  owner VARCHAR(200) NOT NULL,
  period INTEGER NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (measure, owner, period)
);
