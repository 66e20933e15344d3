-- Versions never change, so only what is newer than the newest that is known of each template.
SELECT b.key, b.version, b.locale, b.subject, b.text, b.html
FROM orchestrator.template_bodies b
LEFT JOIN unnest($1::text[], $2::integer[]) AS known (key, newest) ON known.key = b.key
WHERE b.version > coalesce(known.newest, 0) ORDER BY b.key, b.version, b.locale
