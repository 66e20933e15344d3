DELETE FROM dispatcher.pending p
USING unnest($1::uuid[], $2::bigint[]) AS d(message_id, claim)
WHERE p.message_id = ANY (ARRAY[d.message_id]) AND p.state = 1 AND p.claimed_by = $3::bigint AND p.claim = d.claim
RETURNING p.message_id
