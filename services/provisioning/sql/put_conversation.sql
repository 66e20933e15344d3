INSERT INTO provisioning.onboarding_conversations (client_id, refused_answer, is_new_client, began_at, last_message_at)
VALUES ($1, $2, $3, $4, $4)
ON CONFLICT (client_id) DO UPDATE SET refused_answer = excluded.refused_answer, last_message_at = excluded.last_message_at
