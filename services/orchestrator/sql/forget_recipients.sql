-- Rate windows of these recipients go; how many there were, and how many entries of the suppression list stay.
WITH asked AS (SELECT DISTINCT hash FROM unnest($1::text[]) AS h (hash)),
gone AS (
  DELETE FROM orchestrator.rate_windows w USING orchestrator.templates t, asked a
  WHERE w.template_key = ANY (ARRAY[t.key]) AND w.subject = 'recipient:' || a.hash
  RETURNING a.hash
)
SELECT a.hash AS recipient_hash, (SELECT count(*) FROM gone g WHERE g.hash = a.hash) AS windows,
       (SELECT count(*) FROM (VALUES ('EMAIL'), ('SMS'), ('SLACK')) AS c (channel)
        JOIN orchestrator.suppressions s ON s.channel = c.channel AND s.recipient_hash = a.hash)
       + (SELECT count(*) FROM (VALUES ('EMAIL'), ('SMS'), ('SLACK')) AS c (channel)
          JOIN orchestrator.unsubscribes u ON u.channel = c.channel AND u.recipient_hash = a.hash) AS kept
FROM asked a
