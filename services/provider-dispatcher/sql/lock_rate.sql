SELECT next_slot_at FROM dispatcher.provider_rate WHERE provider = $1::text FOR UPDATE
