INSERT INTO otp.conversion_counts AS c (minute, country, sent, verified)
SELECT $1::timestamptz, * FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS n (country, sent, verified)
ORDER BY country
ON CONFLICT (minute, country) DO UPDATE SET sent = c.sent + excluded.sent, verified = c.verified + excluded.verified
