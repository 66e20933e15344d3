-- The end of each asked partition's chain; no row for an empty chain.
SELECT p.partition, h.chain_seq, h.hmac
FROM unnest($1::integer[]) AS p(partition)
CROSS JOIN LATERAL (SELECT a.chain_seq, a.hmac FROM health.audit_log a WHERE a.partition = p.partition
                    ORDER BY a.chain_seq DESC LIMIT 1) h
