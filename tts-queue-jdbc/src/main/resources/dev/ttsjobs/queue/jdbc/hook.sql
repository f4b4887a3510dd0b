-- The statements about what the host's hook has refused; see queue.sql for what stands in braces.

-- name: refusedClips
SELECT clip, failure_kind, failure_code, failure_message FROM {p}refused WHERE clip {in clips}

-- name: timesRefused
SELECT times FROM {p}refused WHERE clip = :clip

-- name: addRefusal
INSERT INTO {p}refused (clip, since, times, reason, failure_kind, failure_code, failure_message)
VALUES (:clip, :now, 1, :reason, :kind, :code, :message)

-- name: raiseRefusal
UPDATE {p}refused SET times = times + 1, reason = :reason WHERE clip = :clip

-- name: dropRefusals
DELETE FROM {p}refused WHERE clip {in clips}

-- name: jobsRefused
SELECT s.job, r.reason, r.since FROM {p}refused r JOIN {p}side s ON s.clip = r.clip
WHERE s.job {in jobs} AND s.state = 0 ORDER BY r.since

-- name: oldRefusals
SELECT r.clip FROM {p}refused r JOIN {p}clip_state s ON s.clip = r.clip WHERE s.state >= 3 ORDER BY r.clip LIMIT :limit
