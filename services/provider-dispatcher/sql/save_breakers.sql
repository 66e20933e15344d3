UPDATE dispatcher.provider_health h
SET state = d.state, consecutive_failures = d.consecutive_failures, successes = d.successes, opened_at = d.opened_at,
    trial_until = d.trial_until, trial_by = d.trial_by, last_error = d.last_error, version = d.version, updated_at = now()
FROM unnest($1::text[], $2::text[], $3::int[], $4::int[], $5::timestamptz[], $6::timestamptz[], $7::bigint[], $8::text[], $9::bigint[])
  AS d(provider, state, consecutive_failures, successes, opened_at, trial_until, trial_by, last_error, version)
WHERE h.provider = d.provider
