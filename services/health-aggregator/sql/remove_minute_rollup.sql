-- The counts before a minute, and what was summed of them.
WITH hours AS (DELETE FROM health.hour_rollup WHERE hour < date_trunc('hour', $1::timestamptz, 'UTC')),
figures AS (DELETE FROM health.minute_figures WHERE minute < $1::timestamptz)
DELETE FROM health.minute_rollup WHERE minute < $1::timestamptz
