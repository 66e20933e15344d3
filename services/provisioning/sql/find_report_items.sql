-- The next clients of these zones that have items and no report of the period: all their items.
WITH zone AS (
  SELECT * FROM unnest($1::text[], $2::date[], $3::text[]) AS z (time_zone, today, period)
), client AS (
  SELECT c.id, c.version, zone.today, zone.period
  FROM provisioning.clients c JOIN zone USING (time_zone)
  WHERE NOT c.deleted AND c.id > $4::text
    AND EXISTS (SELECT FROM provisioning.compliance_items i WHERE i.client_id = c.id)
    AND NOT EXISTS (SELECT FROM provisioning.client_notices n WHERE n.job = $5::text AND n.client_id = c.id AND n.period = zone.period)
  ORDER BY c.id LIMIT $6::integer
)
SELECT client.id AS client_id, client.version, client.today::text AS today, client.period, i.name, i.expires_on::text AS expires_on, i.status
FROM client JOIN provisioning.compliance_items i ON i.client_id = client.id
ORDER BY client.id, i.expires_on, i.id
