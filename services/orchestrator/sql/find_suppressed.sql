SELECT r.ordinal
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS r (channel, recipient_hash, ordinal)
WHERE EXISTS (SELECT FROM orchestrator.suppressions s WHERE s.channel = r.channel AND s.recipient_hash = r.recipient_hash OFFSET 0)
