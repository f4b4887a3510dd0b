-- Who makes audio on this database: for people to see, the queue does without. Times are milliseconds since 1970.
CREATE TABLE crew (
  id                VARCHAR(36)  NOT NULL PRIMARY KEY,
  kind              VARCHAR(20)  NOT NULL,
  host              VARCHAR(200) NOT NULL,
  started_at        BIGINT       NOT NULL,
  seen_at           BIGINT       NOT NULL,
  calling           INTEGER      NOT NULL,
  calls_last_minute INTEGER      NOT NULL
);
