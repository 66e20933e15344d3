-- A row comes back when nobody has asked for this alert, or the last time is before $3.
INSERT INTO dispatcher.alerts AS a (subject, sent_at) VALUES ($1::text, $2::timestamptz)
ON CONFLICT (subject) DO UPDATE SET sent_at = excluded.sent_at WHERE a.sent_at <= $3::timestamptz
RETURNING subject
