INSERT INTO health.audit_checkpoint (partition, chain_seq, kind, hmac, signature)
SELECT * FROM unnest($1::integer[], $2::bigint[], $3::text[], $4::bytea[], $5::bytea[])
ON CONFLICT DO NOTHING
