-- How far one step of retention may cut a chain: within its oldest $3 rows, those logged before $2, never the head.
SELECT o.chain_seq, o.hmac FROM (
  SELECT a.chain_seq, a.hmac, a.logged_at FROM health.audit_log a WHERE a.partition = $1 ORDER BY a.chain_seq LIMIT $3) o
WHERE o.logged_at < $2::timestamptz
  AND o.chain_seq < (SELECT max(h.chain_seq) FROM health.audit_log h WHERE h.partition = $1)
ORDER BY o.chain_seq DESC LIMIT 1
