-- In the order given, and never one more than wanted: LIMIT stops asking after the last success.
SELECT partition FROM unnest($2::int[]) AS u(partition) WHERE pg_try_advisory_lock($1, partition) LIMIT $3
