INSERT INTO orchestrator.template_bodies (key, version, locale, subject, text, html)
SELECT $1::text, $2::integer, r.locale, r.subject, r.text, r.html
FROM unnest($3::text[], $4::text[], $5::text[], $6::text[]) AS r (locale, subject, text, html)
