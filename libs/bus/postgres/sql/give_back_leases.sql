SELECT pg_advisory_unlock($1, partition) FROM unnest($2::int[]) AS u(partition)
