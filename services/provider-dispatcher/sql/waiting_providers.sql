-- A walk over the distinct first column of the index: one probe per provider, however many rows wait.
WITH RECURSIVE walk AS (
  (SELECT provider FROM dispatcher.pending WHERE state = 0 ORDER BY provider LIMIT 1)
  UNION ALL
  SELECT (SELECT p.provider FROM dispatcher.pending p WHERE p.state = 0 AND p.provider > walk.provider ORDER BY p.provider LIMIT 1)
  FROM walk WHERE walk.provider IS NOT NULL
)
SELECT provider FROM walk WHERE provider IS NOT NULL
