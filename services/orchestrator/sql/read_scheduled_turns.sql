SELECT r.fair_key, r.due_at, last.turn
FROM unnest($1::text[], $2::timestamptz[]) AS r (fair_key, due_at)
CROSS JOIN LATERAL (
  SELECT s.turn FROM orchestrator.scheduled_messages s
  WHERE s.fair_key = r.fair_key AND s.due_at = r.due_at ORDER BY s.turn DESC LIMIT 1
) AS last
