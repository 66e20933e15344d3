INSERT INTO orchestrator.template_versions (key, version, seed_hash, created_at, created_by, based_on)
VALUES ($1::text, $2::integer, $3::bytea, $4::timestamptz, $5::text, $6::integer)
