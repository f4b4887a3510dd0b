-- Schema version 1. {p} is the table prefix; {number} a growing number that the database gives; {text} a text of any length.

-- What a clip is: written once. Its state is apart, so that the row that changes is narrow.
CREATE TABLE IF NOT EXISTS {p}clip (
  number {number},
  clip_key VARCHAR(64) NOT NULL UNIQUE,
  body {text} NOT NULL,
  model VARCHAR(200) NOT NULL,
  voice VARCHAR(200) NOT NULL,
  instructions {text},
  speed DOUBLE PRECISION NOT NULL,
  format VARCHAR(8) NOT NULL,
  characters INTEGER NOT NULL,
  tokens INTEGER NOT NULL,
  parts INTEGER NOT NULL
);

-- Where a clip stands. state: 0 queued, 1 leased, 2 waiting for parts, 3 done, 4 failed, 5 withdrawn.
CREATE TABLE IF NOT EXISTS {p}clip_state (
  clip BIGINT NOT NULL PRIMARY KEY,
  state SMALLINT NOT NULL,
  priority SMALLINT NOT NULL,
  place BIGINT NOT NULL,
  due BIGINT NOT NULL,
  epoch BIGINT NOT NULL,
  attempts INTEGER NOT NULL,
  worker VARCHAR(36),
  wanted SMALLINT NOT NULL,
  payer BIGINT
){fill};

CREATE INDEX IF NOT EXISTS {p}clip_next ON {p}clip_state ({state_column}priority DESC, place, clip){where_queued};

CREATE INDEX IF NOT EXISTS {p}clip_held ON {p}clip_state (worker){where_held};

{partial}CREATE INDEX IF NOT EXISTS {p}clip_waits ON {p}clip_state (clip) WHERE state = 2;

-- Which clips a long text is joined from.
CREATE TABLE IF NOT EXISTS {p}clip_part (
  parent BIGINT NOT NULL,
  ordinal INTEGER NOT NULL,
  part BIGINT NOT NULL,
  PRIMARY KEY (parent, ordinal)
);

CREATE INDEX IF NOT EXISTS {p}clip_part_of ON {p}clip_part (part);

CREATE TABLE IF NOT EXISTS {p}audio (
  clip BIGINT NOT NULL PRIMARY KEY,
  format VARCHAR(8) NOT NULL,
  bytes BIGINT NOT NULL,
  duration_ms BIGINT NOT NULL,
  sha256 VARCHAR(64) NOT NULL,
  made_at BIGINT NOT NULL
);

-- status: 0 pending, 1 processing, 2 completed, 3 failed, 4 cancelled.
CREATE TABLE IF NOT EXISTS {p}job (
  number {number},
  id VARCHAR(36) NOT NULL UNIQUE,
  owner VARCHAR(200) NOT NULL,
  reference VARCHAR(200),
  priority SMALLINT NOT NULL,
  attributes {text} NOT NULL,
  fingerprint VARCHAR(64) NOT NULL,
  status SMALLINT NOT NULL,
  total INTEGER NOT NULL,
  processed INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  made INTEGER NOT NULL,
  characters BIGINT NOT NULL,
  billed_characters BIGINT NOT NULL,
  clips INTEGER NOT NULL,
  billed_clips INTEGER NOT NULL,
  failure_code VARCHAR(64),
  failure_message VARCHAR(600),
  created_at BIGINT NOT NULL,
  started_at BIGINT,
  completed_at BIGINT,
  version BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS {p}job_of_owner ON {p}job (owner, number);

CREATE INDEX IF NOT EXISTS {p}job_living ON {p}job (owner{status_column}){where_living};

CREATE TABLE IF NOT EXISTS {p}idempotency (
  owner VARCHAR(200) NOT NULL,
  idempotency_key VARCHAR(200) NOT NULL,
  job VARCHAR(36) NOT NULL,
  fingerprint VARCHAR(64) NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (owner, idempotency_key)
);

CREATE TABLE IF NOT EXISTS {p}daily (
  owner VARCHAR(200) NOT NULL,
  day_number INTEGER NOT NULL,
  jobs INTEGER NOT NULL,
  PRIMARY KEY (owner, day_number)
);

CREATE TABLE IF NOT EXISTS {p}phrase (
  job BIGINT NOT NULL,
  idx INTEGER NOT NULL,
  item_id VARCHAR(200),
  PRIMARY KEY (job, idx)
);

-- One text of a phrase. phrase is the job's number times 2^20 plus the index.
-- state: 0 open, 1 made, 2 cached, 3 failed, 4 called off.
CREATE TABLE IF NOT EXISTS {p}side (
  phrase BIGINT NOT NULL,
  ordinal SMALLINT NOT NULL,
  job BIGINT NOT NULL,
  language VARCHAR(40) NOT NULL,
  clip BIGINT NOT NULL,
  state SMALLINT NOT NULL,
  failure_kind VARCHAR(32),
  failure_code VARCHAR(64),
  failure_message VARCHAR(600),
  PRIMARY KEY (phrase, ordinal)
){fill};

CREATE INDEX IF NOT EXISTS {p}side_waiting ON {p}side (clip){where_open};

CREATE TABLE IF NOT EXISTS {p}worker (
  id VARCHAR(36) NOT NULL PRIMARY KEY,
  lease_until BIGINT NOT NULL,
  found_dead_at BIGINT
);

CREATE TABLE IF NOT EXISTS {p}limiter (
  account VARCHAR(100) NOT NULL PRIMARY KEY,
  version BIGINT NOT NULL,
  next_request BIGINT NOT NULL,
  next_token BIGINT NOT NULL,
  blocked_until BIGINT NOT NULL,
  factor DOUBLE PRECISION NOT NULL,
  factor_at BIGINT NOT NULL,
  paused_kind VARCHAR(32),
  paused_code VARCHAR(64),
  paused_message VARCHAR(600),
  paused_since BIGINT,
  probe_at BIGINT,
  probes INTEGER
);
