-- The next clients of these zones with items that wait for verification and no digest of the period: the longest waiting.
WITH zone AS (
  SELECT * FROM unnest($1::text[], $2::text[]) AS z (time_zone, period)
), client AS (
  SELECT c.id, c.version, zone.period
  FROM provisioning.clients c JOIN zone USING (time_zone)
  WHERE NOT c.deleted AND c.id > $3::text
    AND EXISTS (SELECT FROM provisioning.compliance_items i WHERE i.client_id = c.id AND i.status = 'PENDING_VERIFICATION')
    AND NOT EXISTS (SELECT FROM provisioning.client_notices n WHERE n.job = $4::text AND n.client_id = c.id AND n.period = zone.period)
  ORDER BY c.id LIMIT $5::integer
)
SELECT client.id AS client_id, client.version, client.period, i.name
FROM client JOIN provisioning.compliance_items i ON i.client_id = client.id AND i.status = 'PENDING_VERIFICATION'
ORDER BY client.id, i.status_since, i.id
