-- A template that is there keeps its switch `active`: an admin's choice outlives a new seed.
INSERT INTO orchestrator.templates AS t (key, alias, channel, audience, category, active, meta, active_version, updated_at, updated_by, activated_at, activated_by)
VALUES ($1::text, $2::text, $3::text, $4::text, $5::text, $6::boolean, $7::jsonb, $8::integer, $9::timestamptz, $10::text, $9::timestamptz, $10::text)
ON CONFLICT (key) DO UPDATE
  SET alias = EXCLUDED.alias, channel = EXCLUDED.channel, audience = EXCLUDED.audience, category = EXCLUDED.category, meta = EXCLUDED.meta,
      active_version = EXCLUDED.active_version, updated_at = EXCLUDED.updated_at, updated_by = EXCLUDED.updated_by,
      activated_at = EXCLUDED.activated_at, activated_by = EXCLUDED.activated_by
