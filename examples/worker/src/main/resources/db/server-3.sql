-- Whose tokens count no longer: those that were issued before this second of 1970, or all. A row stays when its user is gone.
CREATE TABLE revocations (
  user_id     VARCHAR(200) NOT NULL PRIMARY KEY,
  tokens_from BIGINT       NOT NULL,
  blocked     SMALLINT     NOT NULL
);
