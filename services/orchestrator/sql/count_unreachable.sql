-- Entries that may hold references under keys which are not among $1. An entry comes with a message's receipt or link
-- long after the message was decided: it counts when the time between the two touches the key's, $2 seconds added.
SELECT k.key_id, count(*) AS entries
FROM orchestrator.reference_keys k
JOIN (SELECT message_id, created_at FROM orchestrator.suppressions
      UNION ALL SELECT message_id, created_at FROM orchestrator.unsubscribes
      UNION ALL SELECT '', updated_at FROM orchestrator.preferences WHERE recipient_hash <> '') e
  ON e.created_at >= k.first_used_at
  AND CASE WHEN e.message_id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-7' -- such UUIDs begin with milliseconds since 1970
           THEN to_timestamp((('x' || lpad(left(replace(e.message_id, '-', ''), 12), 16, '0'))::bit(64)::bigint) / 1000.0)
           ELSE e.created_at END <= k.last_used_at + make_interval(secs => $2::integer)
WHERE k.key_id <> ALL ($1::text[])
GROUP BY k.key_id
ORDER BY k.key_id
