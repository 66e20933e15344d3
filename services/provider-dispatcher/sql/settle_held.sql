DELETE FROM dispatcher.pending p USING unnest($1::uuid[]) AS d(message_id)
WHERE p.message_id = ANY (ARRAY[d.message_id]) AND p.state = 2
RETURNING p.message_id
