UPDATE provisioning.schedule_zones s SET done_until = z.done_until
FROM (
  SELECT job, time_zone, min(done_until) AS done_until
  FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS m (job, time_zone, done_until) GROUP BY job, time_zone
) AS z WHERE s.job = z.job AND s.time_zone = z.time_zone AND s.done_until > z.done_until
