-- $1: fingerprints, the first one's key is in use. As long as none is known each may have made what is there already.
WITH known AS (SELECT EXISTS (SELECT FROM orchestrator.reference_keys) AS any_key)
INSERT INTO orchestrator.reference_keys (key_id, first_used_at, last_used_at)
SELECT k.key_id, CASE WHEN known.any_key THEN $2::timestamptz ELSE '-infinity' END, $2::timestamptz
FROM unnest($1::text[]) WITH ORDINALITY AS k (key_id, place), known
WHERE k.place = 1 OR NOT known.any_key
ON CONFLICT (key_id) DO UPDATE SET last_used_at = greatest(reference_keys.last_used_at, excluded.last_used_at)
