-- The statements of the audit log and the quotas; see queue.sql for what stands in braces.

-- name: addAudit
INSERT INTO {p}audit (happened_at, action, actor, address, job, owner, reference, phrases, characters)
VALUES (:now, :action, :actor, :address, :job, :owner, :reference, :phrases, :characters)

-- name: auditOf
SELECT * FROM {p}audit WHERE owner = :owner AND number < :before ORDER BY number DESC LIMIT :limit

-- name: auditOfAll
SELECT * FROM {p}audit WHERE number < :before ORDER BY number DESC LIMIT :limit
