-- Of the next clients with items that the admins don't know to be overdue: these items. Which of them are overdue is
-- decided by core/compliance_due.hpp; here only whoever can't be is left out.
WITH zone AS (
  SELECT * FROM unnest($1::text[], $2::date[]) AS z (time_zone, today)
), client AS (
  SELECT c.id, c.business_name, zone.today
  FROM provisioning.clients c JOIN zone USING (time_zone)
  WHERE NOT c.deleted AND c.id > $3::text AND (EXISTS (
    SELECT FROM provisioning.compliance_items i
    WHERE i.client_id = c.id AND i.status <> 'RESOLVED' AND i.expires_on < zone.today - $4::integer AND NOT EXISTS (
      SELECT FROM provisioning.compliance_sla_alerts a WHERE a.item_id = i.id AND a.breach = 'EXPIRED' AND a.since = i.expires_on)
  ) OR EXISTS (
    SELECT FROM provisioning.compliance_items i
    WHERE i.client_id = c.id AND i.status = 'PENDING_VERIFICATION' AND i.status_since::date < zone.today - $5::integer AND NOT EXISTS (
      SELECT FROM provisioning.compliance_sla_alerts a WHERE a.item_id = i.id AND a.breach = 'UNVERIFIED' AND a.since = i.status_since::date)
  ))
  ORDER BY c.id LIMIT $6::integer
)
SELECT client.id AS client_id, client.business_name, client.today::text AS today, i.id AS item_id, i.name, i.expires_on::text AS expires_on, i.status, i.status_since,
  EXISTS (SELECT FROM provisioning.compliance_sla_alerts a WHERE a.item_id = i.id AND a.breach = 'EXPIRED' AND a.since = i.expires_on) AS expired_alerted,
  EXISTS (SELECT FROM provisioning.compliance_sla_alerts a WHERE a.item_id = i.id AND a.breach = 'UNVERIFIED' AND a.since = i.status_since::date) AS unverified_alerted
FROM client JOIN provisioning.compliance_items i ON i.client_id = client.id AND i.status <> 'RESOLVED'
WHERE i.expires_on < client.today OR i.status = 'PENDING_VERIFICATION'
ORDER BY client.id, i.id
FOR KEY SHARE OF i
