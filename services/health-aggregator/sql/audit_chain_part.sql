SELECT chain_seq, event_id, occurred_at, action, actor, subject_kind, subject_id, client_id, outcome, reason, details,
       prev_hmac, hmac
FROM health.audit_log WHERE partition = $1 AND chain_seq > $2 ORDER BY chain_seq LIMIT $3
