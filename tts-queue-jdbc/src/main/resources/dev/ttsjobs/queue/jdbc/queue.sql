-- The statements of the queue. {p} is the table prefix, {in xs} a test against a list, {lock} and {skip} row locks where the
-- database has them, {micros} its own time where it has one. A block named "name @database" is used by that database instead of the common one; @mariadb is MySQL, too.
-- There {list xs} is a list as a table: driven by it, rows are locked one by one in its order, and no others.

-- name: jobById
SELECT number, id, fingerprint FROM {p}job WHERE id = :id

-- name: keyOf
SELECT job, fingerprint, created_at FROM {p}idempotency WHERE owner = :owner AND idempotency_key = :key {lock}

-- name: addKey
INSERT INTO {p}idempotency (owner, idempotency_key, job, fingerprint, created_at)
VALUES (:owner, :key, :job, :fingerprint, :now)

-- name: forgetKey
DELETE FROM {p}idempotency WHERE owner = :owner AND idempotency_key = :key

-- name: addDay
INSERT INTO {p}daily (owner, day_number, jobs) VALUES (:owner, :day, 0) ON CONFLICT DO NOTHING

-- name: addDay @h2
MERGE INTO {p}daily d USING (VALUES (:owner, CAST(:day AS INTEGER))) v (owner, day_number)
ON d.owner = v.owner AND d.day_number = v.day_number
WHEN NOT MATCHED THEN INSERT (owner, day_number, jobs) VALUES (v.owner, v.day_number, 0)

-- name: addDay @mariadb
INSERT INTO {p}daily (owner, day_number, jobs) VALUES (:owner, :day, 0) ON DUPLICATE KEY UPDATE jobs = jobs

-- name: countDay
UPDATE {p}daily SET jobs = jobs + 1 WHERE owner = :owner AND day_number = :day AND (:limit = 0 OR jobs < :limit)

-- name: jobsOn
SELECT jobs FROM {p}daily WHERE owner = :owner AND day_number = :day

-- name: addClip
INSERT INTO {p}clip (clip_key, body, model, voice, instructions, speed, format, characters, tokens, parts)
VALUES (:key, :body, :model, :voice, :instructions, :speed, :format, :characters, :tokens, :parts)
ON CONFLICT DO NOTHING

-- name: addClip @h2
MERGE INTO {p}clip c USING (VALUES (CAST(:key AS VARCHAR))) v (clip_key) ON c.clip_key = v.clip_key
WHEN NOT MATCHED THEN INSERT (clip_key, body, model, voice, instructions, speed, format, characters, tokens, parts)
VALUES (:key, :body, :model, :voice, :instructions, :speed, :format, :characters, :tokens, :parts)

-- name: addClip @mariadb
INSERT INTO {p}clip (clip_key, body, model, voice, instructions, speed, format, characters, tokens, parts)
VALUES (:key, :body, :model, :voice, :instructions, :speed, :format, :characters, :tokens, :parts)
ON DUPLICATE KEY UPDATE parts = parts

-- name: addClip @postgresql
INSERT INTO {p}clip (clip_key, body, model, voice, instructions, speed, format, characters, tokens, parts)
SELECT * FROM unnest(:key, :body, :model, :voice, :instructions, :speed, :format, :characters, :tokens, :parts)
ON CONFLICT DO NOTHING

-- name: clipNumbers
SELECT number, clip_key FROM {p}clip WHERE clip_key {in keys}

-- name: clipNumbers @mariadb
SELECT c.number, c.clip_key FROM {words keys} STRAIGHT_JOIN {p}clip c ON c.clip_key = list.value

-- name: madeKeys
SELECT c.clip_key FROM {p}clip c JOIN {p}clip_state s ON s.clip = c.number WHERE c.clip_key {in keys} AND s.state = 3

-- name: madeKeys @mariadb
SELECT DISTINCT c.clip_key FROM {words keys} STRAIGHT_JOIN {p}clip c ON c.clip_key = list.value
STRAIGHT_JOIN {p}clip_state s ON s.clip = c.number WHERE s.state = 3

-- name: addState
INSERT INTO {p}clip_state (clip, state, priority, place, due, epoch, attempts, worker, wanted, payer)
VALUES (:clip, :state, :priority, :place, :due, 0, 0, NULL, 1, :payer)

-- name: addState @postgresql
INSERT INTO {p}clip_state (clip, state, priority, place, due, epoch, attempts, worker, wanted, payer)
SELECT v.clip, v.state, v.priority, v.place, v.due, 0, 0, NULL, 1, v.payer
FROM unnest(:clip, :state, :priority, :place, :due, :payer) v (clip, state, priority, place, due, payer)

-- name: addPart
INSERT INTO {p}clip_part (parent, ordinal, part) VALUES (:parent, :ordinal, :part)

-- name: addPart @postgresql
INSERT INTO {p}clip_part (parent, ordinal, part) SELECT * FROM unnest(:parent, :ordinal, :part)

-- name: lockStates
SELECT clip, state, priority, place, due, epoch, attempts, worker, wanted, payer
FROM {p}clip_state WHERE clip {in clips} ORDER BY clip {lock}

-- name: lockStates @mariadb
SELECT s.clip, s.state, s.priority, s.place, s.due, s.epoch, s.attempts, s.worker, s.wanted, s.payer
FROM {list clips} STRAIGHT_JOIN {p}clip_state s ON s.clip = list.value {lock}

-- name: lockFree
SELECT clip, state, priority, place, due, epoch, attempts, worker, wanted, payer
FROM {p}clip_state WHERE clip {in clips} ORDER BY clip {skip}

-- name: lockFree @mariadb
SELECT s.clip, s.state, s.priority, s.place, s.due, s.epoch, s.attempts, s.worker, s.wanted, s.payer
FROM {list clips} STRAIGHT_JOIN {p}clip_state s ON s.clip = list.value {skip}

-- name: lockWithWholes
SELECT clip, state, priority, place, due, epoch, attempts, worker, wanted, payer
FROM {p}clip_state WHERE clip IN (
  SELECT clip FROM {p}clip_state WHERE clip {in clips}
  UNION SELECT parent FROM {p}clip_part WHERE part {in clips}
) ORDER BY clip {lock}

-- name: lockWithWholes @postgresql
SELECT clip, state, priority, place, due, epoch, attempts, worker, wanted, payer
FROM {p}clip_state WHERE clip = ANY(ARRAY(
  SELECT unnest(:clips) UNION SELECT parent FROM {p}clip_part WHERE part {in clips}
)) ORDER BY clip {lock}

-- name: lockFamilies
SELECT clip, state, priority, place, due, epoch, attempts, worker, wanted, payer
FROM {p}clip_state WHERE clip IN (
  SELECT clip FROM {p}clip_state WHERE clip {in clips}
  UNION SELECT parent FROM {p}clip_part WHERE part {in clips}
  UNION SELECT b.part FROM {p}clip_part a JOIN {p}clip_part b ON b.parent = a.parent WHERE a.part {in clips}
) ORDER BY clip {lock}

-- MariaDB would read, and lock, every clip for those: the numbers come first there.
-- name: wholeNumbers @mariadb
SELECT parent FROM {p}clip_part WHERE part {in clips}

-- name: familyNumbers @mariadb
SELECT parent FROM {p}clip_part WHERE part {in clips}
UNION SELECT b.part FROM {p}clip_part a JOIN {p}clip_part b ON b.parent = a.parent WHERE a.part {in clips}

-- name: setState
UPDATE {p}clip_state
SET state = :state, priority = :priority, place = :place, due = :due, epoch = :epoch, attempts = :attempts,
  worker = :worker, wanted = :wanted, payer = :payer
WHERE clip = :clip

-- name: setState @postgresql
UPDATE {p}clip_state s
SET state = v.state, priority = v.priority, place = v.place, due = v.due, epoch = v.epoch, attempts = v.attempts,
  worker = v.worker, wanted = v.wanted, payer = v.payer
FROM unnest(:clip, :state, :priority, :place, :due, :epoch, :attempts, :worker, :wanted, :payer)
  v (clip, state, priority, place, due, epoch, attempts, worker, wanted, payer)
WHERE s.clip = v.clip

-- name: setDone
UPDATE {p}clip_state SET state = 3, worker = NULL WHERE clip {in clips}

-- All that the rows of clips that were made say of it, and what is joined from them; they are locked, so no other adds their audio.
-- name: complete @postgresql
WITH made AS MATERIALIZED (
  SELECT * FROM unnest(:clip, :format, :bytes, :durationMs, :sha256, :now) v (clip, format, bytes, duration_ms, sha256, made_at)
), done AS (
  UPDATE {p}clip_state SET state = 3, worker = NULL WHERE clip = ANY(:clip)
), remade AS (
  UPDATE {p}audio a SET bytes = v.bytes, duration_ms = v.duration_ms, sha256 = v.sha256, made_at = v.made_at
  FROM made v WHERE a.clip = ANY(:clip) AND a.clip = v.clip RETURNING a.clip
), added AS (
  INSERT INTO {p}audio (clip, format, bytes, duration_ms, sha256, made_at)
  SELECT * FROM made v WHERE NOT EXISTS (SELECT 1 FROM remade r WHERE r.clip = v.clip)
)
SELECT DISTINCT p.parent FROM {p}clip_part p JOIN {p}clip_state s ON s.clip = p.parent
WHERE p.part = ANY(:clip) AND s.state = 2

-- name: headOfQueue
SELECT place FROM {p}clip_state WHERE state = 0 AND due <= :now AND priority = :priority
ORDER BY state, priority DESC, place, clip LIMIT 1

-- name: otherJobsOf
SELECT COUNT(*) FROM (
  SELECT 1 FROM {p}job WHERE owner = :owner AND status IN (0, 1) AND number <> :job LIMIT 1000
) living

-- name: addJob
INSERT INTO {p}job (id, owner, reference, priority, attributes, fingerprint, status, total, processed, failed, made,
  characters, billed_characters, clips, billed_clips, created_at, version)
VALUES (:id, :owner, :reference, :priority, :attributes, :fingerprint, 0, :total, 0, 0, 0,
  :characters, 0, :clips, 0, :now, 1)

-- name: addPhrase
INSERT INTO {p}phrase (job, idx, item_id) VALUES (:job, :idx, :itemId)

-- name: addPhrase @postgresql
INSERT INTO {p}phrase (job, idx, item_id) SELECT * FROM unnest(:job, :idx, :itemId)

-- name: addSide
INSERT INTO {p}side (phrase, ordinal, job, language, clip, state)
VALUES (:phrase, :ordinal, :job, :language, :clip, :state)

-- name: addSide @postgresql
INSERT INTO {p}side (phrase, ordinal, job, language, clip, state)
SELECT * FROM unnest(:phrase, :ordinal, :job, :language, :clip, :state)

-- name: jobRow
SELECT * FROM {p}job WHERE id = :id

-- name: jobRows
SELECT * FROM {p}job WHERE id {in ids}

-- name: jobRows @mariadb
SELECT j.* FROM {words ids} STRAIGHT_JOIN {p}job j ON j.id = list.value

-- name: jobRowsByNumber
SELECT * FROM {p}job WHERE number {in jobs} ORDER BY number {lock}

-- name: jobRowsByNumber @mariadb
SELECT j.* FROM {list jobs} STRAIGHT_JOIN {p}job j ON j.number = list.value {lock}

-- name: jobs
SELECT * FROM {p}job

-- name: usage
SELECT COALESCE(SUM(characters), 0) AS characters, COALESCE(SUM(billed_characters), 0) AS billed_characters,
  COALESCE(SUM(clips), 0) AS clips, COALESCE(SUM(billed_clips), 0) AS billed_clips,
  COALESCE(SUM(billed_attempts), 0) AS billed_attempts, COALESCE(SUM(billed_audio_ms), 0) AS billed_audio_ms
FROM (
  SELECT characters, billed_characters, clips, billed_clips, billed_attempts, billed_audio_ms
  FROM {p}job WHERE owner = :owner
  UNION ALL SELECT characters, billed_characters, clips, billed_clips, billed_attempts, billed_audio_ms
  FROM {p}pruned_usage WHERE owner = :owner
) spent

-- name: results
SELECT p.idx, p.item_id, s.language, s.state, s.failure_kind, s.failure_code, s.failure_message,
  c.clip_key, a.format, a.bytes, a.duration_ms
FROM {p}phrase p
JOIN {p}side s ON s.phrase = p.job * 1048576 + p.idx
JOIN {p}clip c ON c.number = s.clip
LEFT JOIN {p}audio a ON a.clip = s.clip
WHERE p.job = :job AND p.idx >= :from AND p.idx < :to
ORDER BY p.idx, s.ordinal

-- While somebody has work in hand, another account's pause, or another worker's storage, holds nothing up.
-- name: waitedFor
SELECT kind, code, message, since FROM (
  SELECT paused_kind AS kind, paused_code AS code, paused_message AS message, paused_since AS since
  FROM {p}limiter WHERE paused_kind IS NOT NULL AND probe_at > :heard
  UNION ALL SELECT waits_kind, waits_code, waits_message, waits_since
  FROM {p}worker WHERE waits_since IS NOT NULL AND lease_until > :heard
) waited WHERE NOT EXISTS (
  SELECT 1 FROM {p}clip_state s WHERE s.state = 1 AND NOT EXISTS (
    SELECT 1 FROM {p}worker w WHERE w.id = s.worker AND w.waits_since IS NOT NULL
  )
) ORDER BY since LIMIT 1

-- name: pausedAccounts
SELECT account, paused_kind, paused_code, paused_message, paused_since, probe_at, probes FROM {p}limiter
WHERE paused_kind IS NOT NULL

-- name: nextClips
SELECT clip FROM {p}clip_state WHERE state = 0 AND due <= :now ORDER BY state, priority DESC, place, clip LIMIT :max

-- H2 and MariaDB lock more of the queue than its first rows when they are to lock those, so they look first and lock by number.
-- name: lockNext @h2
SELECT clip FROM {p}clip_state WHERE clip {in clips} AND state = 0 AND due <= :now {skip}

-- name: lockNext @mariadb
SELECT s.clip FROM {list clips} STRAIGHT_JOIN {p}clip_state s ON s.clip = list.value
WHERE s.state = 0 AND s.due <= :now {skip}

-- name: lease
UPDATE {p}clip_state SET state = 1, worker = :worker, epoch = epoch + 1 WHERE clip {in clips}

-- A claim need not be on disk when it is answered: the attempt that is recorded before the call takes it along. Whatever the
-- planner knows or believes of the queue's length, it is read in its order and as far as is asked for, and each clip is looked
-- up by itself (hence OFFSET 0): the settings are for this transaction, which is both statements.
-- name: claim @postgresql
SELECT set_config('synchronous_commit', 'off', true), set_config('enable_seqscan', 'off', true),
  set_config('enable_bitmapscan', 'off', true);
WITH next AS MATERIALIZED (
  SELECT clip FROM (
    SELECT clip FROM {p}clip_state WHERE state = 0 AND due <= :now
    ORDER BY state, priority DESC, place, clip LIMIT 1000 FOR UPDATE SKIP LOCKED
  ) first LIMIT :max
), leased AS (
  UPDATE {p}clip_state s SET state = 1, worker = :worker, epoch = s.epoch + 1
  FROM next WHERE s.clip = next.clip
  RETURNING s.clip, s.priority, s.place, s.epoch, s.attempts
), wanting AS MATERIALIZED (
  SELECT w.job FROM next CROSS JOIN LATERAL (
    SELECT s.job FROM {p}side s WHERE s.clip = next.clip AND s.state = 0 OFFSET 0
  ) w
  UNION
  SELECT w.job FROM next CROSS JOIN LATERAL (
    SELECT s.job FROM {p}clip_part p CROSS JOIN LATERAL (
      SELECT s.job FROM {p}side s WHERE s.clip = p.parent AND s.state = 0 OFFSET 0
    ) s WHERE p.part = next.clip OFFSET 0
  ) w
), pending AS MATERIALIZED (
  SELECT j.number FROM {p}job j JOIN wanting w ON w.job = j.number
  WHERE j.status = 0 ORDER BY j.number FOR UPDATE OF j
), started AS (
  UPDATE {p}job j SET status = 1, started_at = :now, version = j.version + 1
  FROM pending p WHERE j.number = p.number AND j.status = 0
)
SELECT c.number, c.clip_key, c.body, c.model, c.voice, c.instructions, c.speed, c.format, c.tokens, c.parts,
  l.epoch, l.attempts, (SELECT MAX(number) FROM {p}clip) AS newest
FROM leased l JOIN {p}clip c ON c.number = l.clip
ORDER BY l.priority DESC, l.place, l.clip

-- name: leased
SELECT c.number, c.clip_key, c.body, c.model, c.voice, c.instructions, c.speed, c.format, c.tokens, c.parts,
  s.epoch, s.attempts, (SELECT MAX(number) FROM {p}clip) AS newest
FROM {p}clip_state s JOIN {p}clip c ON c.number = s.clip
WHERE s.clip {in clips} ORDER BY s.priority DESC, s.place, s.clip

-- name: partsOf
SELECT p.parent, c.number, c.clip_key, c.body, c.model, c.voice, c.instructions, c.speed, c.format, c.tokens, c.parts
FROM {p}clip_part p JOIN {p}clip c ON c.number = p.part
WHERE p.parent {in clips} ORDER BY p.parent, p.ordinal

-- name: pendingJobsOf
SELECT j.number FROM {p}job j JOIN {p}side s ON s.job = j.number
WHERE s.clip {in clips} AND s.state = 0 AND j.status = 0
UNION
SELECT j.number FROM {p}job j JOIN {p}side s ON s.job = j.number JOIN {p}clip_part p ON p.parent = s.clip
WHERE p.part {in clips} AND s.state = 0 AND j.status = 0

-- name: lockJobs
SELECT number FROM {p}job WHERE number {in jobs} ORDER BY number {lock}

-- name: lockJobs @mariadb
SELECT j.number FROM {list jobs} STRAIGHT_JOIN {p}job j ON j.number = list.value {lock}

-- name: startJobs
UPDATE {p}job SET status = 1, started_at = :now, version = version + 1 WHERE number {in jobs} AND status = 0

-- name: begin
UPDATE {p}clip_state SET attempts = attempts + 1 WHERE clip {in clips}

-- name: beginAtOnce @postgresql
WITH held AS MATERIALIZED (
  SELECT s.clip FROM {p}clip_state s JOIN unnest(:clips, :epochs, :workers) v (clip, epoch, worker) ON v.clip = s.clip
  WHERE s.state = 1 AND s.epoch = v.epoch AND s.worker = v.worker AND s.wanted = 1
  ORDER BY s.clip FOR UPDATE OF s
)
UPDATE {p}clip_state s SET attempts = s.attempts + 1 FROM held WHERE s.clip = held.clip RETURNING s.clip

-- name: openSides
SELECT phrase, ordinal, job, clip FROM {p}side WHERE clip {in clips} AND state = 0

-- name: openSides @postgresql
SELECT s.phrase, s.ordinal, s.job, v.clip FROM unnest(:clips) v (clip) CROSS JOIN LATERAL (
  SELECT phrase, ordinal, job FROM {p}side WHERE clip = v.clip AND state = 0 OFFSET 0
) s

-- name: moveSide
UPDATE {p}side SET clip = :clip WHERE phrase = :phrase AND ordinal = :ordinal AND state = 0

-- name: moveSide @postgresql
UPDATE {p}side s SET clip = v.clip FROM unnest(:phrase, :ordinal, :clip) v (phrase, ordinal, clip)
WHERE s.phrase = v.phrase AND s.ordinal = v.ordinal AND s.state < 1

-- name: endSide
UPDATE {p}side SET state = :state, failure_kind = :kind, failure_code = :code, failure_message = :message
WHERE phrase = :phrase AND ordinal = :ordinal AND state = 0

-- Said like this, the index of what is open does not lead to all of it; also above.
-- name: endSide @postgresql
UPDATE {p}side s SET state = v.state, failure_kind = v.kind, failure_code = v.code, failure_message = v.message
FROM unnest(:phrase, :ordinal, :state, :kind, :code, :message) v (phrase, ordinal, state, kind, code, message)
WHERE s.phrase = v.phrase AND s.ordinal = v.ordinal AND s.state < 1

-- name: phraseStates
SELECT phrase, job, SUM(CASE WHEN state = 0 THEN 1 ELSE 0 END), SUM(CASE WHEN state = 3 THEN 1 ELSE 0 END),
  SUM(CASE WHEN state IN (1, 2) THEN 1 ELSE 0 END)
FROM {p}side WHERE phrase {in phrases} GROUP BY phrase, job

-- name: phraseStates @postgresql
SELECT v.phrase, s.job, s.open, s.lacking, s.spoken FROM unnest(:phrases) v (phrase) CROSS JOIN LATERAL (
  SELECT job, SUM(CASE WHEN state = 0 THEN 1 ELSE 0 END) AS open, SUM(CASE WHEN state = 3 THEN 1 ELSE 0 END) AS lacking,
    SUM(CASE WHEN state IN (1, 2) THEN 1 ELSE 0 END) AS spoken
  FROM {p}side WHERE phrase = v.phrase GROUP BY job
) s

-- name: moveJob
UPDATE {p}job
SET status = :status, processed = :processed, failed = :failed, made = :made, failure_code = :code,
  failure_message = :message, started_at = :startedAt, completed_at = :completedAt,
  billed_characters = :billedCharacters, billed_clips = :billedClips, billed_attempts = :billedAttempts,
  billed_audio_ms = :billedAudioMs, version = version + 1
WHERE number = :number

-- name: moveJob @postgresql
UPDATE {p}job j
SET status = v.status, processed = v.processed, failed = v.failed, made = v.made, failure_code = v.code,
  failure_message = v.message, started_at = v.started_at, completed_at = v.completed_at,
  billed_characters = v.billed_characters, billed_clips = v.billed_clips, billed_attempts = v.billed_attempts,
  billed_audio_ms = v.billed_audio_ms, version = j.version + 1
FROM unnest(:number, :status, :processed, :failed, :made, :code, :message, :startedAt, :completedAt,
  :billedCharacters, :billedClips, :billedAttempts, :billedAudioMs) v (number, status, processed, failed, made, code,
  message, started_at, completed_at, billed_characters, billed_clips, billed_attempts, billed_audio_ms)
WHERE j.number = v.number

-- name: addAudio
INSERT INTO {p}audio (clip, format, bytes, duration_ms, sha256, made_at)
VALUES (:clip, :format, :bytes, :durationMs, :sha256, :now)
ON CONFLICT (clip) DO UPDATE SET bytes = excluded.bytes, duration_ms = excluded.duration_ms,
  sha256 = excluded.sha256, made_at = excluded.made_at

-- name: addAudio @h2
MERGE INTO {p}audio (clip, format, bytes, duration_ms, sha256, made_at) KEY (clip)
VALUES (:clip, :format, :bytes, :durationMs, :sha256, :now)

-- name: addAudio @mariadb
INSERT INTO {p}audio (clip, format, bytes, duration_ms, sha256, made_at)
VALUES (:clip, :format, :bytes, :durationMs, :sha256, :now)
ON DUPLICATE KEY UPDATE bytes = VALUES(bytes), duration_ms = VALUES(duration_ms), sha256 = VALUES(sha256),
  made_at = VALUES(made_at)

-- name: audioAfter
SELECT c.clip_key, a.format, a.bytes, a.duration_ms, a.sha256, a.made_at
FROM {p}clip c JOIN {p}clip_state s ON s.clip = c.number JOIN {p}audio a ON a.clip = c.number
WHERE c.clip_key > :after AND s.state = 3 ORDER BY c.clip_key LIMIT :limit

-- name: audioIdentity
SELECT sha256, made_at FROM {p}audio WHERE clip = :clip

-- name: waitingParents
SELECT DISTINCT p.parent FROM {p}clip_part p JOIN {p}clip_state s ON s.clip = p.parent
WHERE p.part {in clips} AND s.state = 2

-- name: parentsWithoutParts
SELECT DISTINCT p.parent FROM {p}clip_part p JOIN {p}clip_state s ON s.clip = p.part
WHERE p.parent {in clips} AND s.state <> 3

-- name: partNumbers
SELECT parent, part FROM {p}clip_part WHERE parent {in clips}

-- name: parentNumbers
SELECT p.part, p.parent FROM {p}clip_part p JOIN {p}clip_state s ON s.clip = p.parent
WHERE p.part {in clips} AND s.state IN (0, 1, 2)

-- name: wholesOf
SELECT part, parent FROM {p}clip_part WHERE part {in clips}

-- name: clipsOfJobs
SELECT DISTINCT clip FROM {p}side WHERE clip {in clips}

-- name: heirs
SELECT s.clip, MIN(s.job) FROM {p}side s WHERE s.clip {in clips} AND s.state = 0 GROUP BY s.clip

-- name: livingJobs
SELECT number FROM {p}job WHERE number {in jobs} AND status < 2

-- name: clipsOfJob
SELECT DISTINCT clip FROM {p}side WHERE phrase >= :from AND phrase < :to AND state = :state

-- name: callOffSides
UPDATE {p}side SET state = 4 WHERE phrase >= :from AND phrase < :to AND state = 0

-- name: failedSides
SELECT phrase, ordinal, clip, failure_kind, failure_code, failure_message
FROM {p}side WHERE phrase >= :from AND phrase < :to AND state = 3 ORDER BY phrase, ordinal

-- name: reopenSide
UPDATE {p}side SET state = :state, failure_kind = NULL, failure_code = NULL, failure_message = NULL
WHERE phrase = :phrase AND ordinal = :ordinal AND state = 3

-- name: reopenSide @postgresql
UPDATE {p}side s SET state = v.state, failure_kind = NULL, failure_code = NULL, failure_message = NULL
FROM unnest(:phrase, :ordinal, :state) v (phrase, ordinal, state)
WHERE s.phrase = v.phrase AND s.ordinal = v.ordinal AND s.state = 3

-- name: beat
UPDATE {p}worker SET lease_until = :until, found_dead_at = NULL WHERE id = :id

-- Nor need a beat be on disk: whatever is recorded later takes it along.
-- name: beat @postgresql
UPDATE {p}worker SET lease_until = :until, found_dead_at = NULL
WHERE id = :id AND set_config('synchronous_commit', 'off', true) = 'off'

-- name: addWorker
INSERT INTO {p}worker (id, lease_until, found_dead_at) VALUES (:id, :until, NULL)

-- name: workerWaits
UPDATE {p}worker SET waits_kind = :kind, waits_code = :code, waits_message = :message,
  waits_since = COALESCE(waits_since, :now) WHERE id = :id

-- name: workerWaitsNoLonger
UPDATE {p}worker SET waits_kind = NULL, waits_code = NULL, waits_message = NULL, waits_since = NULL WHERE id = :id

-- name: dropWorker
DELETE FROM {p}worker WHERE id = :id

-- name: unwanted
SELECT c.clip_key FROM {p}clip_state s JOIN {p}clip c ON c.number = s.clip
WHERE s.state = 1 AND s.worker = :id AND s.wanted = 0

-- name: heldBy
SELECT clip FROM {p}clip_state WHERE state = 1 AND worker = :worker ORDER BY clip {lock}

-- name: heldBy @mariadb
SELECT clip FROM {p}clip_state WHERE state = 1 AND worker = :worker ORDER BY clip

-- name: takeBack
UPDATE {p}clip_state
SET state = CASE WHEN wanted = 1 THEN 0 ELSE 5 END, worker = NULL, epoch = epoch + 1, due = :now
WHERE clip {in clips} AND state = 1

-- MariaDB would lock the index that a settle changes after the row; so it looks first and compares again.
-- name: takeBack @mariadb
UPDATE {p}clip_state FORCE INDEX (PRIMARY)
SET state = CASE WHEN wanted = 1 THEN 0 ELSE 5 END, worker = NULL, epoch = epoch + 1, due = :now
WHERE clip {in clips} AND state = 1 AND worker = :worker

-- name: resting
SELECT clip FROM {p}clip_state WHERE state = 0 AND due > :now ORDER BY clip {skip}

-- name: rouse
UPDATE {p}clip_state SET due = :now WHERE clip {in clips} AND state = 0

-- name: lateWorkers
SELECT id, CASE WHEN found_dead_at IS NULL THEN 1 ELSE 2 END AS lateness FROM {p}worker WHERE lease_until <= :now
UNION ALL
SELECT DISTINCT s.worker, 0 FROM {p}clip_state s
WHERE s.state = 1 AND NOT EXISTS (SELECT 1 FROM {p}worker w WHERE w.id = s.worker)

-- name: adoptOrphans
UPDATE {p}clip_state SET worker = :worker WHERE state = 1 AND worker IS NULL

-- name: findDead
UPDATE {p}worker SET found_dead_at = :now WHERE id = :id AND lease_until <= :now AND found_dead_at IS NULL

-- name: buryWorker
DELETE FROM {p}worker WHERE id = :id AND lease_until <= :now AND found_dead_at IS NOT NULL AND found_dead_at <= :before

-- The queue is searched for the first that is due later only when none is due now.
-- name: outlook
SELECT
  CASE WHEN EXISTS (SELECT 1 FROM {p}clip_state WHERE state = 0 AND due <= :now) THEN CAST(:now AS BIGINT)
    ELSE (SELECT MIN(due) FROM {p}clip_state WHERE state = 0) END AS next_due,
  CASE WHEN EXISTS (SELECT 1 FROM {p}clip_state WHERE state = 1) THEN 1 ELSE 0 END AS held,
  {micros} AS server_now

-- name: outlook @mariadb
SELECT
  CASE WHEN EXISTS (SELECT 1 FROM {p}clip_state WHERE state = 0 AND due <= :now) THEN CAST(:now AS SIGNED)
    ELSE (SELECT MIN(due) FROM {p}clip_state WHERE state = 0) END AS next_due,
  CASE WHEN EXISTS (SELECT 1 FROM {p}clip_state WHERE state = 1) THEN 1 ELSE 0 END AS held,
  {micros} AS server_now

-- name: depth
SELECT 0, COUNT(*), MIN(CASE WHEN due <= :now THEN due END) FROM {p}clip_state WHERE state = 0
UNION ALL SELECT 1, COUNT(*), NULL FROM {p}clip_state WHERE state = 1
UNION ALL SELECT 2, COUNT(*), NULL FROM {p}clip_state WHERE state = 2

-- name: limiter
SELECT * FROM {p}limiter WHERE account = :account

-- name: addLimiter
INSERT INTO {p}limiter (account, version, next_request, next_token, blocked_until, factor, factor_at)
VALUES (:account, 0, 0, 0, 0, 1, 0) ON CONFLICT DO NOTHING

-- name: addLimiter @h2
MERGE INTO {p}limiter l USING (VALUES (CAST(:account AS VARCHAR))) v (account) ON l.account = v.account
WHEN NOT MATCHED THEN INSERT (account, version, next_request, next_token, blocked_until, factor, factor_at)
VALUES (v.account, 0, 0, 0, 0, 1, 0)

-- name: addLimiter @mariadb
INSERT INTO {p}limiter (account, version, next_request, next_token, blocked_until, factor, factor_at)
VALUES (:account, 0, 0, 0, 0, 1, 0) ON DUPLICATE KEY UPDATE version = version

-- The next version is a number that nobody else takes: one counted up from a row that was never committed, or that a crash of
-- the database forgot, might be another process's by now.
-- name: setLimiter
UPDATE {p}limiter
SET version = :next, next_request = :nextRequest, next_token = :nextToken, blocked_until = :blockedUntil,
  factor = :factor, factor_at = :factorAt, paused_kind = :kind, paused_code = :code, paused_message = :message,
  paused_since = :since, probe_at = :probeAt, probes = :probes
WHERE account = :account AND version = :version

-- Slots that a crash of the database forgets were for calls that it forgets too.
-- name: setLimiter @postgresql
UPDATE {p}limiter
SET version = :next, next_request = :nextRequest, next_token = :nextToken, blocked_until = :blockedUntil,
  factor = :factor, factor_at = :factorAt, paused_kind = :kind, paused_code = :code, paused_message = :message,
  paused_since = :since, probe_at = :probeAt, probes = :probes
WHERE account = :account AND version = :version AND set_config('synchronous_commit', 'off', true) = 'off'

-- A pause is kept, whatever comes: for the rest of the transaction.
-- name: forceToDisk @postgresql
SELECT set_config('synchronous_commit', reset_val, true) FROM pg_settings WHERE name = 'synchronous_commit'
