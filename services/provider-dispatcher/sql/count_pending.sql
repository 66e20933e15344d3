-- overdue_seconds: how long the one that is due first has been due; negative when it is not yet.
SELECT provider, state, count(*), extract(epoch FROM $1::timestamptz - min(due_at))::float8 AS overdue_seconds
FROM dispatcher.pending GROUP BY provider, state
