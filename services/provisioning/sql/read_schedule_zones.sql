-- Of time zones that clients live in, and of jobs by UTC.
WITH used AS (SELECT DISTINCT time_zone FROM provisioning.clients WHERE NOT deleted)
SELECT job, time_zone, done_until FROM provisioning.schedule_zones
WHERE job = ANY ($1::text[]) OR time_zone IN (SELECT time_zone FROM used)
ORDER BY job, time_zone
