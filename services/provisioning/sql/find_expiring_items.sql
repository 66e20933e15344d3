-- Of the next clients of these zones that have items expiring within so many days: these items, in which window each was
-- reminded of last, and when a mail last was about its date, be it for an item that is no more.
WITH zone AS (
  SELECT * FROM unnest($1::text[], $2::date[]) AS z (time_zone, today)
), client AS (
  SELECT c.id, c.version, c.sms_enabled AND c.phone <> '' AS gets_sms, zone.today
  FROM provisioning.clients c JOIN zone USING (time_zone)
  WHERE NOT c.deleted AND c.id > $3::text AND EXISTS (
    SELECT FROM provisioning.compliance_items i
    WHERE i.client_id = c.id AND i.status <> 'RESOLVED' AND i.expires_on BETWEEN zone.today AND zone.today + $4::integer)
  ORDER BY c.id LIMIT $5::integer
)
SELECT client.id AS client_id, client.version, client.gets_sms, client.today::text AS today, i.id AS item_id, i.name, i.expires_on::text AS expires_on,
  (SELECT min(r.window_days) FROM provisioning.compliance_reminders r WHERE r.item_id = i.id AND r.expires_on = i.expires_on) AS reminded_days,
  (SELECT max(r.sent_at) FROM provisioning.compliance_reminders r WHERE r.client_id = client.id AND r.mail_date = i.expires_on) AS date_named_at
FROM client JOIN provisioning.compliance_items i
  ON i.client_id = client.id AND i.status <> 'RESOLVED' AND i.expires_on BETWEEN client.today AND client.today + $4::integer
ORDER BY client.id, i.expires_on, i.id
