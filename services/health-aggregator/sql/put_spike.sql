INSERT INTO health.spike AS s (level, raised_at, told_at) VALUES ($1, $2, $2)
ON CONFLICT (one) DO UPDATE SET level = excluded.level, told_at = excluded.told_at
