SELECT coalesce(sum(greatest(bytes, $3::integer)), 0)::bigint FROM attachments.files WHERE owner = $1::text AND keep_until > $2::timestamptz
