-- The statements of the audit log and the quotas; see queue.sql for what stands in braces.

-- name: addAudit
INSERT INTO {p}audit (happened_at, action, actor, address, job, owner, reference, phrases, characters)
VALUES (:now, :action, :actor, :address, :job, :owner, :reference, :phrases, :characters)

-- name: auditOf
SELECT * FROM {p}audit WHERE owner = :owner AND number < :before ORDER BY number DESC LIMIT :limit

-- name: auditOfAll
SELECT * FROM {p}audit WHERE number < :before ORDER BY number DESC LIMIT :limit

-- name: addUse
INSERT INTO {p}used (measure, owner, period, amount) VALUES (:measure, :owner, :period, 0) ON CONFLICT DO NOTHING

-- name: addUse @h2
MERGE INTO {p}used u USING (VALUES (CAST(:measure AS SMALLINT), CAST(:owner AS VARCHAR), CAST(:period AS INTEGER)))
v (measure, owner, period) ON u.measure = v.measure AND u.owner = v.owner AND u.period = v.period
WHEN NOT MATCHED THEN INSERT (measure, owner, period, amount) VALUES (v.measure, v.owner, v.period, 0)

-- name: addUse @mariadb
INSERT INTO {p}used (measure, owner, period, amount) VALUES (:measure, :owner, :period, 0)
ON DUPLICATE KEY UPDATE amount = amount

-- name: countUse
UPDATE {p}used SET amount = amount + :amount
WHERE measure = :measure AND owner = :owner AND period = :period AND amount + :amount <= :limit

-- name: used
SELECT amount FROM {p}used WHERE measure = :measure AND owner = :owner AND period = :period
