-- Everybody takes them in one order, or two publishers could wait for each other; OFFSET 0 keeps the sort below the call.
SELECT pg_advisory_xact_lock(sorted.topic_key, sorted.partition)
FROM (SELECT topic_key, partition FROM unnest($1::int[], $2::int[]) AS u(topic_key, partition)
      ORDER BY topic_key, partition OFFSET 0) AS sorted
