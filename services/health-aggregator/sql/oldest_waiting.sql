-- Since when the message has waited that waits longest, of those accepted from $1 on. Waiting is what open_messages counts:
-- QUEUED 13, DEFERRED_THROTTLED 15 or ATTEMPT_FAILED 16 entered, not ended (below 13, or 18 to 21), not held UNCONFIRMED 17
-- after its last ATTEMPT_FAILED. A SCHEDULED 14 one waits from its QUEUED on, so the time is the row's and not the id's. The
-- walk through the key goes from the newest on and ends with as many as are counted in the same snapshot: nothing older
-- waits. One that a receipt (DELIVERED 22 to COMPLAINED 24) says is out is counted until its SENT comes, and waits no more.
WITH waiting AS MATERIALIZED (
  SELECT message_id FROM health.message_log
  WHERE message_id >= $1::uuid AND status < 22
  GROUP BY message_id
  HAVING bool_or(status IN (13, 15, 16)) AND NOT bool_or(status < 13 OR status > 17)
    AND coalesce(max(attempt) FILTER (WHERE status = 17), -1) < coalesce(max(attempt) FILTER (WHERE status = 16), 0)
  ORDER BY message_id DESC
  LIMIT (SELECT greatest(coalesce(sum(o.waiting), 0), 0)::bigint FROM health.open_messages o)
)
SELECT min(e.since) AS since
FROM waiting w
CROSS JOIN LATERAL (SELECT min(l.occurred_at) FILTER (WHERE l.status IN (13, 15)) AS since,
                           bool_or(l.status BETWEEN 22 AND 24) AS is_out
                    FROM health.message_log l WHERE l.message_id = w.message_id) e
WHERE NOT e.is_out
