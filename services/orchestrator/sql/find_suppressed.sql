SELECT r.ordinal
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS r (channel, recipient_hash, ordinal)
JOIN orchestrator.suppressions s ON s.channel = r.channel AND s.recipient_hash = r.recipient_hash
