-- Plain SQL that SQLite, PostgreSQL, H2 and MariaDB all take. Times are milliseconds since 1970.

CREATE TABLE users (
  id            VARCHAR(200) NOT NULL PRIMARY KEY,
  email         VARCHAR(254) NOT NULL,
  password_hash VARCHAR(100) NOT NULL,
  first_name    VARCHAR(100),
  last_name     VARCHAR(100),
  created_at    BIGINT       NOT NULL,
  CONSTRAINT users_email UNIQUE (email)
);

-- The owner need not be among the users: tokens of other issuers are accepted too.
CREATE TABLE decks (
  id         VARCHAR(36)  NOT NULL PRIMARY KEY,
  owner_id   VARCHAR(200) NOT NULL,
  name       VARCHAR(200) NOT NULL,
  is_public  SMALLINT     NOT NULL,
  created_at BIGINT       NOT NULL
);

CREATE INDEX decks_of_owner ON decks (owner_id, created_at);

CREATE TABLE cards (
  id           VARCHAR(36) NOT NULL PRIMARY KEY,
  deck_id      VARCHAR(36) NOT NULL REFERENCES decks (id),
  place        INTEGER     NOT NULL,
  question     TEXT        NOT NULL,
  answers      TEXT        NOT NULL,
  audio_url_en VARCHAR(2000),
  audio_url_fr VARCHAR(2000)
);

CREATE INDEX cards_of_deck ON cards (deck_id, place);

CREATE TABLE audit (
  id         VARCHAR(40)  NOT NULL PRIMARY KEY,
  at_millis  BIGINT       NOT NULL,
  actor      VARCHAR(200) NOT NULL,
  action     VARCHAR(40)  NOT NULL,
  job_id     VARCHAR(36),
  deck_id    VARCHAR(200),
  phrases    INTEGER,
  characters BIGINT,
  address    VARCHAR(100) NOT NULL
);

CREATE INDEX audit_of_actor ON audit (actor, id);
