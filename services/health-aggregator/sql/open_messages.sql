SELECT coalesce(sum(waiting), 0)::bigint AS waiting, coalesce(sum(held), 0)::bigint AS held FROM health.open_messages
