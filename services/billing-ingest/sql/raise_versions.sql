-- Adds to each client's count and gives the new one.
INSERT INTO billing.billing_clients AS c (client_id, version)
SELECT * FROM unnest($1::text[], $2::bigint[]) AS n (client_id, version) ORDER BY client_id
ON CONFLICT (client_id) DO UPDATE SET version = c.version + excluded.version
RETURNING client_id, version
