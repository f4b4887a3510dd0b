-- The statements about jobs that are tried again by themselves; see queue.sql for what stands in braces.

-- name: addRounds
INSERT INTO {p}job_rounds (job, most, done, first_pause, due) VALUES (:job, :most, 0, :pause, NULL)

-- name: roundsLeft
SELECT job, most, done, first_pause FROM {p}job_rounds WHERE job {in jobs} AND done < most ORDER BY job

-- name: failureKinds
SELECT DISTINCT failure_kind FROM {p}side WHERE phrase >= :from AND phrase < :to AND state = 3

-- name: setRoundDue
UPDATE {p}job_rounds SET due = :due WHERE job = :job

-- name: takeRound
UPDATE {p}job_rounds SET due = NULL, done = done + 1 WHERE job = :job AND due <= :now

-- name: restRound
UPDATE {p}job_rounds SET due = :due WHERE job = :job AND due <= :now

-- name: noRoundDue
UPDATE {p}job_rounds SET due = NULL WHERE job = :job

-- name: jobsDue
SELECT j.* FROM {p}job_rounds r JOIN {p}job j ON j.number = r.job WHERE r.due <= :now ORDER BY r.due, r.job LIMIT :limit

-- name: dropRounds
DELETE FROM {p}job_rounds WHERE job {in jobs}
