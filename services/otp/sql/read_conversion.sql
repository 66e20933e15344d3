-- Countries with codes in the window, and those with an alarm.
SELECT coalesce(c.country, a.country), coalesce(c.sent, 0), coalesce(c.verified, 0), a.country IS NOT NULL
FROM (SELECT country,
             (sum(sent) FILTER (WHERE minute < $2::timestamptz))::bigint AS sent,
             sum(verified)::bigint AS verified
      FROM otp.conversion_counts WHERE minute >= $1::timestamptz GROUP BY country) AS c
FULL JOIN otp.conversion_alarms a ON a.country = c.country
ORDER BY 1
