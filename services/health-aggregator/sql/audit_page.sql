-- The newest rows that fit, of each partition's chain below its own mark: $1 partitions, $2 marks. NULL = any.
SELECT p.partition, a.* FROM unnest($1::integer[], $2::bigint[]) AS p(partition, below)
CROSS JOIN LATERAL (
  SELECT l.chain_seq, l.event_id, l.occurred_at, l.action, l.actor, l.subject_kind, l.subject_id, l.client_id, l.outcome,
         l.reason, l.details
  FROM health.audit_log l
  WHERE l.partition = p.partition AND l.chain_seq < p.below
    AND ($3::text IS NULL OR l.action = $3) AND ($4::text IS NULL OR l.subject_id = $4)
    AND ($5::text IS NULL OR l.client_id = $5) AND ($6::text IS NULL OR l.actor = $6)
    AND ($7::timestamptz IS NULL OR l.occurred_at >= $7) AND ($8::timestamptz IS NULL OR l.occurred_at < $8)
  ORDER BY l.chain_seq DESC LIMIT $9) a
