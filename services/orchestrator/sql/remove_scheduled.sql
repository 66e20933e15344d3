-- Of those that were taken: all but who has got another time.
DELETE FROM orchestrator.scheduled_messages WHERE message_id = ANY ($1::uuid[]) AND due_at <= $2::timestamptz
