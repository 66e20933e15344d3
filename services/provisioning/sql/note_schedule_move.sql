-- How far each job is in the time zone that a client leaves.
INSERT INTO provisioning.schedule_moves (job, client_id, time_zone, done_until)
SELECT job, $1::text, time_zone, done_until FROM provisioning.schedule_zones WHERE time_zone = $2::text
