UPDATE health.erasures SET messages = messages + $2::bigint, due_at = coalesce($3::timestamptz, due_at) WHERE erasure_id = $1
