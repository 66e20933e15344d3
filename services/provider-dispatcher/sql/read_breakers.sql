SELECT provider, state, consecutive_failures, successes, opened_at, trial_until, trial_by, last_error, version
FROM dispatcher.provider_health
