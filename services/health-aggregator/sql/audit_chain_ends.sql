-- Each chain: its newest row, the newest signed head, and what was signed where retention has cut.
SELECT h.partition, h.chain_seq, h.occurred_at, s.chain_seq AS signed_seq, s.created_at AS signed_at,
       encode(s.signature, 'hex') AS signature, r.chain_seq AS cut_seq
FROM (SELECT DISTINCT partition FROM health.audit_checkpoint) p
CROSS JOIN LATERAL (SELECT a.partition, a.chain_seq, a.occurred_at FROM health.audit_log a WHERE a.partition = p.partition
                    ORDER BY a.chain_seq DESC LIMIT 1) h
LEFT JOIN LATERAL (SELECT c.chain_seq, c.created_at, c.signature FROM health.audit_checkpoint c
                   WHERE c.partition = p.partition AND c.kind = 'HEAD' ORDER BY c.chain_seq DESC LIMIT 1) s ON true
LEFT JOIN LATERAL (SELECT c.chain_seq FROM health.audit_checkpoint c
                   WHERE c.partition = p.partition AND c.kind = 'RETENTION' ORDER BY c.chain_seq DESC LIMIT 1) r ON true
ORDER BY h.partition
