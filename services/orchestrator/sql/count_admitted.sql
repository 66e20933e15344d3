-- Adds to a second's count and drops the seconds that no longer weigh.
WITH dropped AS (DELETE FROM orchestrator.throttle_window WHERE channel = $1::text AND second < $4::bigint)
INSERT INTO orchestrator.throttle_window AS w (channel, second, admitted) VALUES ($1::text, $2::bigint, $3::bigint)
ON CONFLICT (channel, second) DO UPDATE SET admitted = w.admitted + EXCLUDED.admitted
