-- The statements of pruning; see queue.sql for what stands in braces.

-- name: oldJobs
SELECT number FROM {p}job j WHERE completed_at <= :before AND NOT EXISTS (
  SELECT 1 FROM {p}delivery d WHERE d.job = j.number AND d.state = 0)
ORDER BY completed_at LIMIT :limit

-- name: lockOldJobs
SELECT number, owner, characters, billed_characters, clips, billed_clips, billed_attempts, billed_audio_ms FROM {p}job
WHERE number {in jobs} AND completed_at <= :before ORDER BY number {skip}

-- name: dropEndedDeliveries
DELETE FROM {p}delivery WHERE job {in jobs} AND state <> 0

-- name: awaitedJobs
SELECT DISTINCT job FROM {p}delivery WHERE job {in jobs}

-- name: dropEvents
DELETE FROM {p}event WHERE job {in jobs}

-- name: dropJobs
DELETE FROM {p}job WHERE number {in jobs}

-- name: addPruned
INSERT INTO {p}pruned_job (job) SELECT number FROM {p}job WHERE number {in jobs}

-- name: raisePrunedUsage
UPDATE {p}pruned_usage
SET characters = characters + :characters, billed_characters = billed_characters + :billedCharacters,
  clips = clips + :clips, billed_clips = billed_clips + :billedClips,
  billed_attempts = billed_attempts + :billedAttempts, billed_audio_ms = billed_audio_ms + :billedAudioMs
WHERE owner = :owner

-- name: addPrunedUsage
INSERT INTO {p}pruned_usage (owner, characters, billed_characters, clips, billed_clips, billed_attempts, billed_audio_ms)
VALUES (:owner, :characters, :billedCharacters, :clips, :billedClips, :billedAttempts, :billedAudioMs)

-- name: nextPruned
SELECT job FROM {p}pruned_job ORDER BY job LIMIT 1

-- name: lockPruned
SELECT job FROM {p}pruned_job WHERE job = :job {skip}

-- name: sidesEnd
SELECT phrase FROM {p}side WHERE phrase >= :from AND phrase < :to ORDER BY phrase, ordinal LIMIT 1 OFFSET :most

-- name: dropSides
DELETE FROM {p}side WHERE phrase >= :from AND phrase < :to

-- name: phrasesEnd
SELECT idx FROM {p}phrase WHERE job = :job ORDER BY idx LIMIT 1 OFFSET :most

-- name: dropPhrases
DELETE FROM {p}phrase WHERE job = :job AND idx < :to

-- name: dropPruned
DELETE FROM {p}pruned_job WHERE job = :job

-- name: oldKeys
SELECT owner, idempotency_key FROM {p}idempotency WHERE created_at <= :before ORDER BY created_at LIMIT :limit

-- name: dropKey
DELETE FROM {p}idempotency WHERE owner = :owner AND idempotency_key = :key AND created_at <= :before

-- name: oldDays
SELECT owner, day_number FROM {p}daily WHERE day_number < :before ORDER BY day_number LIMIT :limit

-- name: dropDay
DELETE FROM {p}daily WHERE owner = :owner AND day_number = :day

-- name: oldUses
SELECT owner, period FROM {p}used WHERE measure = :measure AND period < :before ORDER BY period LIMIT :limit

-- name: dropUse
DELETE FROM {p}used WHERE measure = :measure AND owner = :owner AND period = :period
