SELECT provider, state, consecutive_failures, successes, opened_at, trial_until, trial_by, last_error, version
FROM dispatcher.provider_health WHERE provider = ANY ($1::text[]) ORDER BY provider FOR UPDATE
