-- The next clients of these zones that have items and no digest of the period: how their items stand, and how many were
-- resolved within the month.
WITH zone AS (
  SELECT * FROM unnest($1::text[], $2::date[], $3::text[], $4::timestamptz[], $5::timestamptz[]) AS z (time_zone, today, period, month_begin, month_end)
), client AS (
  SELECT c.id, c.version, zone.*
  FROM provisioning.clients c JOIN zone USING (time_zone)
  WHERE NOT c.deleted AND c.id > $6::text
    AND EXISTS (SELECT FROM provisioning.compliance_items i WHERE i.client_id = c.id)
    AND NOT EXISTS (SELECT FROM provisioning.client_notices n WHERE n.job = $7::text AND n.client_id = c.id AND n.period = zone.period)
  ORDER BY c.id LIMIT $8::integer
)
SELECT client.id AS client_id, client.version, client.period, count(*) AS items,
  count(*) FILTER (WHERE i.status <> 'RESOLVED' AND i.expires_on >= client.today) AS in_force,
  count(*) FILTER (WHERE i.status <> 'RESOLVED' AND i.expires_on BETWEEN client.today AND client.today + $9::integer) AS expiring,
  count(*) FILTER (WHERE i.status <> 'RESOLVED' AND i.expires_on < client.today) AS expired,
  count(*) FILTER (WHERE i.status = 'PENDING_VERIFICATION') AS unverified,
  count(*) FILTER (WHERE i.status = 'RESOLVED' AND i.status_since >= client.month_begin AND i.status_since < client.month_end) AS resolved
FROM client JOIN provisioning.compliance_items i ON i.client_id = client.id
GROUP BY client.id, client.version, client.period
ORDER BY client.id
