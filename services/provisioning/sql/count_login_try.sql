INSERT INTO identity.login_attempts AS a (kind, key, began_at, current, previous)
VALUES ($1, $2, $3::timestamptz, 1, 0)
ON CONFLICT (kind, key) DO UPDATE SET
  previous = CASE WHEN excluded.began_at <= a.began_at THEN a.previous
                  WHEN excluded.began_at - a.began_at = $4::bigint * interval '1 microsecond' THEN a.current
                  ELSE 0 END,
  current = CASE WHEN excluded.began_at <= a.began_at THEN least(a.current, $5::bigint) + 1 ELSE 1 END,
  began_at = greatest(a.began_at, excluded.began_at)
RETURNING began_at, current, previous
