INSERT INTO dispatcher.instances (instance, started_at) VALUES ($1::bigint, $2::timestamptz) ON CONFLICT (instance) DO NOTHING
