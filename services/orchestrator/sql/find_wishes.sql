-- Of each of a batch whose client has said something about it: what is switched off, and the client's quiet hours. For
-- all contacts and for the recipient the most specific preference counts (template, then category, then everything).
SELECT r.ordinal, coalesce(said.off, false) AS client_off, coalesce(said.recipient_off, false) AS recipient_off, q.start_minute, q.end_minute
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY AS r (client_id, channel, template_key, category, recipient_hash, ordinal)
LEFT JOIN orchestrator.quiet_hours q ON q.client_id = ANY (ARRAY[r.client_id])
CROSS JOIN LATERAL (
  SELECT bool_or(chosen.recipient_hash = '') AS off, bool_or(chosen.recipient_hash <> '') AS recipient_off
  FROM (
    SELECT DISTINCT ON (p.recipient_hash) p.recipient_hash, p.enabled
    FROM orchestrator.preferences p
    WHERE p.client_id = r.client_id AND p.channel = r.channel AND p.scope IN (r.template_key, r.category, '*') AND p.recipient_hash IN ('', r.recipient_hash)
    ORDER BY p.recipient_hash, p.scope = r.template_key DESC, p.scope = r.category DESC
  ) AS chosen
  WHERE NOT chosen.enabled
) AS said
WHERE said.off OR said.recipient_off OR q.client_id IS NOT NULL
