SELECT b.locale, b.subject, b.text, b.html
FROM orchestrator.templates t JOIN orchestrator.template_bodies b ON b.key = t.key AND b.version = t.active_version
WHERE t.key = $1::text ORDER BY b.locale
