INSERT INTO dispatcher.instances (instance, started_at)
SELECT DISTINCT p.claimed_by, $1::timestamptz FROM dispatcher.pending p WHERE p.state = 1
ON CONFLICT (instance) DO NOTHING
