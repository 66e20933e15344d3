-- Those of the messages that a receipt of one of these kinds came for while they were called.
SELECT DISTINCT message_id FROM dispatcher.early_receipts WHERE message_id = ANY ($1::uuid[]) AND kind = ANY ($2::smallint[])
