UPDATE dispatcher.provider_rate SET next_slot_at = $2::timestamptz WHERE provider = $1::text
