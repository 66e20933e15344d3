-- Ordinals whose most specific preference (template, then category, then everything) says no.
SELECT r.ordinal
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS r (client_id, channel, template_key, category, ordinal)
CROSS JOIN LATERAL (
  SELECT p.enabled FROM orchestrator.preferences p
  WHERE p.client_id = r.client_id AND p.channel = r.channel AND p.scope IN (r.template_key, r.category, '*')
  ORDER BY p.scope = r.template_key DESC, p.scope = r.category DESC LIMIT 1
) AS chosen
WHERE NOT chosen.enabled
