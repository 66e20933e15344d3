SELECT * FROM provisioning.jobs WHERE status = 'RUNNING' AND next_attempt_at <= $1::timestamptz
ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED
