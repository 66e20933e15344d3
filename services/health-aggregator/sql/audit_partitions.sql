-- The partitions that have a chain, by skipping through the key instead of reading it all.
WITH RECURSIVE p AS (
  (SELECT partition FROM health.audit_log ORDER BY partition LIMIT 1)
  UNION ALL
  SELECT (SELECT a.partition FROM health.audit_log a WHERE a.partition > p.partition ORDER BY a.partition LIMIT 1)
  FROM p WHERE p.partition IS NOT NULL
)
SELECT partition FROM p WHERE partition IS NOT NULL
UNION SELECT partition FROM health.audit_checkpoint ORDER BY 1
