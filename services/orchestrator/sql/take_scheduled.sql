-- Locked until the transaction ends, which removes them or gives them another time; another instance takes others.
SELECT due.message_id, due.request_id, due.place, due.request, due.traceparent
FROM (VALUES (1::smallint), (2::smallint), (3::smallint)) AS p (priority)
CROSS JOIN LATERAL (
  SELECT s.* FROM orchestrator.scheduled_messages s
  WHERE s.priority = p.priority AND s.due_at <= $1::timestamptz
  ORDER BY s.due_at, s.turn, s.message_id LIMIT $2::integer FOR UPDATE SKIP LOCKED
) AS due
ORDER BY due.priority, due.due_at, due.turn, due.message_id LIMIT $2::integer
