UPDATE provisioning.schedule_zones s SET done_until = z.done_until
FROM unnest($2::text[], $3::timestamptz[]) AS z (time_zone, done_until) WHERE s.job = $1::text AND s.time_zone = z.time_zone
