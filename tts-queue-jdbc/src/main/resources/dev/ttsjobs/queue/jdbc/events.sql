-- The statements of the outbox; see queue.sql for what stands in braces.

-- name: addHandler
INSERT INTO {p}handler (name, since) VALUES (:handler, :now) ON CONFLICT DO NOTHING

-- name: addHandler @h2
MERGE INTO {p}handler h USING (VALUES (CAST(:handler AS VARCHAR))) v (name) ON h.name = v.name
WHEN NOT MATCHED THEN INSERT (name, since) VALUES (v.name, :now)

-- name: addHandler @mariadb
INSERT INTO {p}handler (name, since) VALUES (:handler, :now) ON DUPLICATE KEY UPDATE since = since

-- name: dropHandler
DELETE FROM {p}handler WHERE name = :handler

-- name: dropDeliveries
DELETE FROM {p}delivery WHERE handler = :handler

-- name: addDeliveries
INSERT INTO {p}delivery (job, version, handler, state, attempts, epoch, due)
SELECT j.number, j.version, h.name, 0, 0, 0, j.completed_at FROM {p}job j CROSS JOIN {p}handler h WHERE j.number {in jobs}

-- name: addEvents
INSERT INTO {p}event (job, version, status, processed, failed, made, billed_characters, billed_clips, billed_attempts,
  billed_audio_ms, failure_code, failure_message, started_at, completed_at)
SELECT number, version, status, processed, failed, made, billed_characters, billed_clips, billed_attempts,
  billed_audio_ms, failure_code, failure_message, started_at, completed_at
FROM {p}job WHERE number {in jobs}

-- name: nextDeliveries
SELECT d.job, d.version, d.epoch, d.due FROM {p}delivery d
WHERE d.state = 0 AND d.handler = :handler AND NOT EXISTS (
  SELECT 1 FROM {p}delivery e
  WHERE e.job = d.job AND e.handler = d.handler AND e.version < d.version AND e.state = 0)
ORDER BY d.due, d.job, d.version LIMIT :limit

-- name: takeDelivery
UPDATE {p}delivery SET due = :until, attempts = attempts + 1, epoch = epoch + 1
WHERE job = :job AND handler = :handler AND version = :version AND epoch = :epoch AND state = 0

-- name: deliveryRow
SELECT d.handler, d.state AS delivery_state, d.attempts, d.epoch, d.due, d.last_error,
  j.number, j.id, j.owner, j.reference, j.priority, j.attributes, j.total, j.characters, j.clips, j.created_at,
  e.version, e.status, e.processed, e.failed, e.made, e.billed_characters, e.billed_clips,
  e.billed_attempts, e.billed_audio_ms,
  e.failure_code, e.failure_message, e.started_at, e.completed_at
FROM {p}delivery d
JOIN {p}event e ON e.job = d.job AND e.version = d.version
JOIN {p}job j ON j.number = d.job
WHERE d.job = :job AND d.handler = :handler AND d.version = :version

-- name: deliveriesOfJob
SELECT d.handler, d.state AS delivery_state, d.attempts, d.epoch, d.due, d.last_error,
  j.number, j.id, j.owner, j.reference, j.priority, j.attributes, j.total, j.characters, j.clips, j.created_at,
  e.version, e.status, e.processed, e.failed, e.made, e.billed_characters, e.billed_clips,
  e.billed_attempts, e.billed_audio_ms,
  e.failure_code, e.failure_message, e.started_at, e.completed_at
FROM {p}job j
JOIN {p}delivery d ON d.job = j.number
JOIN {p}event e ON e.job = d.job AND e.version = d.version
WHERE j.id = :id ORDER BY d.version, d.handler

-- name: deadLetters
SELECT d.handler, d.state AS delivery_state, d.attempts, d.epoch, d.due, d.last_error,
  j.number, j.id, j.owner, j.reference, j.priority, j.attributes, j.total, j.characters, j.clips, j.created_at,
  e.version, e.status, e.processed, e.failed, e.made, e.billed_characters, e.billed_clips,
  e.billed_attempts, e.billed_audio_ms,
  e.failure_code, e.failure_message, e.started_at, e.completed_at
FROM {p}delivery d
JOIN {p}event e ON e.job = d.job AND e.version = d.version
JOIN {p}job j ON j.number = d.job
WHERE d.handler = :handler AND d.state = 2 ORDER BY e.completed_at, d.job LIMIT :limit

-- name: endDelivery
UPDATE {p}delivery SET state = :state, due = :due, last_error = COALESCE(:error, last_error)
WHERE job = (SELECT number FROM {p}job WHERE id = :id)
  AND handler = :handler AND version = :version AND epoch = :epoch AND state = 0

-- name: endDelivery @postgresql
UPDATE {p}delivery SET state = :state, due = :due, last_error = COALESCE(CAST(:error AS VARCHAR), last_error)
WHERE job = (SELECT number FROM {p}job WHERE id = :id)
  AND handler = :handler AND version = :version AND epoch = :epoch AND state = 0

-- name: setDeliveryAside
UPDATE {p}delivery SET state = :state, due = :due, last_error = :error
WHERE job = :job AND handler = :handler AND version = :version AND state = 0

-- name: replayDelivery
UPDATE {p}delivery SET state = 0, attempts = 0, epoch = epoch + 1, due = :now
WHERE job = (SELECT number FROM {p}job WHERE id = :id) AND handler = :handler AND version = :version AND state <> 0
