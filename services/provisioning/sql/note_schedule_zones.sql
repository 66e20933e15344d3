-- A time zone that is new to a job begins with the moment after now.
INSERT INTO provisioning.schedule_zones (job, time_zone, done_until)
SELECT j.job, z.time_zone, $3::timestamptz
FROM unnest($1::text[], $2::boolean[]) AS j (job, in_client_zones)
CROSS JOIN LATERAL (
  SELECT DISTINCT c.time_zone FROM provisioning.clients c WHERE NOT c.deleted AND j.in_client_zones
  UNION SELECT '' WHERE NOT j.in_client_zones) AS z
ON CONFLICT DO NOTHING
