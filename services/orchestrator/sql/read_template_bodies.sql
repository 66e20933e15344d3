SELECT key, version, locale, subject, text, html FROM orchestrator.template_bodies ORDER BY key, version, locale
