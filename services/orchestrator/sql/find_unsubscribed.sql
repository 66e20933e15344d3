SELECT r.ordinal
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS r (channel, recipient_hash, category, ordinal)
WHERE EXISTS (SELECT FROM orchestrator.unsubscribes u WHERE u.channel = r.channel AND u.recipient_hash = r.recipient_hash AND u.category IN (r.category, '*') OFFSET 0)
