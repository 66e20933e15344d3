-- Which time zones clients have moved between, by where they are now.
WITH taken AS (
  DELETE FROM provisioning.schedule_moves RETURNING *
)
SELECT t.job, t.time_zone AS came_from, c.time_zone AS came_to, min(t.done_until) AS done_until
FROM taken t JOIN provisioning.clients c ON c.id = t.client_id WHERE NOT c.deleted
GROUP BY t.job, t.time_zone, c.time_zone
