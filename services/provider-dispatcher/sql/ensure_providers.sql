WITH known AS (SELECT unnest($1::text[]) AS provider),
     rates AS (INSERT INTO dispatcher.provider_rate (provider, next_slot_at) SELECT provider, now() FROM known ORDER BY provider ON CONFLICT (provider) DO NOTHING)
INSERT INTO dispatcher.provider_health (provider) SELECT provider FROM known ORDER BY provider ON CONFLICT (provider) DO NOTHING
