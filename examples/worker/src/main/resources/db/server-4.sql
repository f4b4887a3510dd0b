-- What is counted for a while, such as wrong logins; a row is nobody's after its end. Keys are hashes. Times are milliseconds since 1970.
CREATE TABLE tallies (
  id      VARCHAR(64) NOT NULL PRIMARY KEY,
  times   INTEGER     NOT NULL,
  ends_at BIGINT      NOT NULL
);

CREATE INDEX tallies_by_end ON tallies (ends_at);
