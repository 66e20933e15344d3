SELECT partition, chain_seq, kind, hmac, signature FROM health.audit_checkpoint ORDER BY partition, chain_seq
