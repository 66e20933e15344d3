-- Whether it is time to ask: messages are held since before $2 whom nobody was asked about, and the last time was before
-- $2 too. Who gets a row asks; it counts all that are held that long.
UPDATE dispatcher.held_reminder h SET asked_at = $1::timestamptz, held_up_to = $2::timestamptz
FROM (SELECT count(*) AS messages, min(p.due_at) AS oldest, max(p.due_at) AS newest
      FROM dispatcher.pending p WHERE p.state = 2 AND p.due_at <= $2::timestamptz) AS held
WHERE h.asked_at <= $2::timestamptz AND held.newest > h.held_up_to
RETURNING held.messages, held.oldest
