SELECT state FROM dispatcher.pending WHERE message_id = $1::uuid
