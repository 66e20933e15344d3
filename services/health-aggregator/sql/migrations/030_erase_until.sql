-- Who is written to after an erasure is a new recipient: only messages before the id `below` are erased, the end of the
-- order's own millisecond. Those that were accepted before it and are logged later have such ids too. The function without
-- `below` stays for programs of the version before, until all are updated.

-- One step: up to messages_max messages to these references lose whatever says to whom. `tag` takes the reference's
-- place, so that rows which come later are known: with `recent` it is these that are looked for, of messages from that
-- id on. Returns how many messages were changed; 0: all is done.
CREATE FUNCTION erase_recipient(hashes text[], tag text, recent uuid, below uuid, messages_max integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = health, pg_temp SET enable_seqscan = off AS $$
DECLARE
  ids uuid[];
BEGIN
  IF recent IS NULL THEN
    SELECT array_agg(DISTINCT f.message_id) INTO ids
    FROM unnest(hashes) AS h(hash)
    CROSS JOIN LATERAL (SELECT m.message_id FROM message_log m
                        WHERE left(m.recipient_hash, 16) = left(h.hash, 16) AND m.recipient_hash = h.hash
                          AND m.recipient_hash <> '' AND m.attempt = 0 AND m.message_id < below
                        LIMIT messages_max) f;
  ELSE
    SELECT array_agg(l.message_id) INTO ids FROM (
      SELECT DISTINCT m.message_id FROM message_log m
      JOIN message_log late ON late.message_id = m.message_id
        AND (late.recipient_hash = ANY (hashes) OR late.recipient_hash <> tag AND late.detail <> '')
      WHERE left(m.recipient_hash, 16) = left(tag, 16) AND m.recipient_hash = tag AND m.recipient_hash <> ''
        AND m.attempt = 0 AND m.message_id >= recent
      LIMIT messages_max) l;
  END IF;
  UPDATE message_log l
  SET recipient = '', recipient_masked = '(erased)', recipient_hash = tag, detail = '', metadata = NULL
  WHERE l.message_id = ANY (ids) AND l.recipient_hash <> tag
    AND (l.recipient_hash = ANY (hashes) OR l.recipient <> '' OR l.recipient_masked <> '' OR l.detail <> ''
         OR l.metadata IS NOT NULL);
  RETURN coalesce(cardinality(ids), 0);
END $$;

REVOKE ALL ON FUNCTION erase_recipient(text[], text, uuid, uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_recipient(text[], text, uuid, uuid, integer) TO carillon_health;
