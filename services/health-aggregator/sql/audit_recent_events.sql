-- The newest event ids of a chain, oldest first: what a repeated delivery is recognised by.
SELECT event_id FROM (SELECT a.chain_seq, a.event_id FROM health.audit_log a WHERE a.partition = $1
                      ORDER BY a.chain_seq DESC LIMIT $2) newest
ORDER BY chain_seq
