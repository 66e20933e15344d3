-- Time zones that nobody lives in any more, of all jobs but those by UTC.
DELETE FROM provisioning.schedule_zones s
WHERE s.job <> ALL ($1::text[]) AND NOT EXISTS (SELECT FROM provisioning.clients c WHERE c.time_zone = s.time_zone AND NOT c.deleted)
