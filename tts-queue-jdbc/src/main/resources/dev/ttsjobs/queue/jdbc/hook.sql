-- The statements about what the host's hook has refused; see queue.sql for what stands in braces.

-- name: refusedClips
SELECT clip, failure_kind, failure_code, failure_message FROM {p}refused WHERE clip {in clips}

-- name: timesRefused
SELECT times FROM {p}refused WHERE clip = :clip AND COALESCE(failure_code, '-') <> :code

-- name: addRefusal
INSERT INTO {p}refused (clip, since, times, reason, failure_kind, failure_code, failure_message)
VALUES (:clip, :now, 1, :reason, :kind, :code, :message)

-- name: raiseRefusal
UPDATE {p}refused SET times = times + 1, reason = :reason WHERE clip = :clip

-- name: dropRefusals
DELETE FROM {p}refused WHERE clip {in clips}

-- name: jobsRefused
SELECT s.job, r.reason, r.since, CASE WHEN r.failure_kind IS NULL THEN r.failure_code END
FROM {p}refused r JOIN {p}side s ON s.clip = r.clip
WHERE s.job {in jobs} AND s.state = 0
UNION ALL
SELECT s.job, r.reason, r.since, CASE WHEN r.failure_kind IS NULL THEN r.failure_code END
FROM {p}refused r JOIN {p}clip_part p ON p.part = r.clip JOIN {p}side s ON s.clip = p.parent
WHERE s.job {in jobs} AND s.state = 0
ORDER BY 3

-- name: oldRefusals
SELECT r.clip FROM {p}refused r JOIN {p}clip_state s ON s.clip = r.clip WHERE s.state >= 3 ORDER BY r.clip LIMIT :limit

-- What cannot be read rests in the same table; failure_kind is null, and failure_code says that it is so.
-- name: refusedSince
SELECT clip, since, times FROM {p}refused WHERE clip {in clips}

-- name: addUnreadable
INSERT INTO {p}refused (clip, since, times, reason, failure_code) VALUES (:clip, :now, 1, :reason, :code)

-- name: addUnreadable @postgresql
INSERT INTO {p}refused (clip, since, times, reason, failure_code)
SELECT v.clip, v.since, 1, v.reason, v.code FROM unnest(:clip, :now, :reason, :code) v (clip, since, reason, code)

-- name: raiseUnreadable
UPDATE {p}refused SET times = times + 1, reason = :reason WHERE clip = :clip

-- name: raiseUnreadable @postgresql
UPDATE {p}refused r SET times = r.times + 1, reason = v.reason
FROM unnest(:clip, :reason) v (clip, reason) WHERE r.clip = v.clip
