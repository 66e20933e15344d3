-- Each chain: its newest row, the newest signed head, and what was signed where retention has cut. The partitions are
-- found by skipping through the key instead of reading it all.
WITH RECURSIVE p AS (
  (SELECT partition FROM health.audit_log ORDER BY partition LIMIT 1)
  UNION ALL
  SELECT (SELECT a.partition FROM health.audit_log a WHERE a.partition > p.partition ORDER BY a.partition LIMIT 1)
  FROM p WHERE p.partition IS NOT NULL
)
SELECT h.partition, h.chain_seq, h.occurred_at, s.chain_seq AS signed_seq, s.created_at AS signed_at,
       encode(s.signature, 'hex') AS signature, r.chain_seq AS cut_seq
FROM p
CROSS JOIN LATERAL (SELECT a.partition, a.chain_seq, a.occurred_at FROM health.audit_log a WHERE a.partition = p.partition
                    ORDER BY a.chain_seq DESC LIMIT 1) h
LEFT JOIN LATERAL (SELECT c.chain_seq, c.created_at, c.signature FROM health.audit_checkpoint c
                   WHERE c.partition = p.partition AND c.kind = 'HEAD' ORDER BY c.chain_seq DESC LIMIT 1) s ON true
LEFT JOIN LATERAL (SELECT c.chain_seq FROM health.audit_checkpoint c
                   WHERE c.partition = p.partition AND c.kind = 'RETENTION' ORDER BY c.chain_seq DESC LIMIT 1) r ON true
WHERE p.partition IS NOT NULL
ORDER BY h.partition
