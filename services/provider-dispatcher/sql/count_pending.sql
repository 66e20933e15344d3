SELECT provider, state, count(*) FROM dispatcher.pending GROUP BY provider, state
