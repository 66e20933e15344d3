-- What takes recipients out of the message log, which otherwise is only added to and deleted from. Up to which message
-- they have been taken out in clear because of their age:
CREATE TABLE redaction (
  one   boolean PRIMARY KEY DEFAULT true CHECK (one),
  up_to uuid NOT NULL
);
INSERT INTO redaction (up_to) VALUES ('00000000-0000-0000-0000-000000000000');
REVOKE INSERT, UPDATE, DELETE ON redaction FROM carillon_health;

-- One step: recipients in clear of messages before the id `below`, in about rows_max rows. What was looked at is not
-- looked at again.
CREATE FUNCTION redact_recipients(below uuid, rows_max integer, OUT redacted bigint, OUT done boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = health, pg_temp AS $$
DECLARE
  mark uuid;
  step_end uuid;
BEGIN
  SELECT r.up_to INTO mark FROM redaction r FOR UPDATE;
  SELECT l.message_id INTO step_end FROM message_log l
  WHERE l.message_id >= mark AND l.message_id < below ORDER BY l.message_id OFFSET rows_max LIMIT 1;
  done := step_end IS NULL;
  step_end := coalesce(step_end, greatest(below, mark));
  UPDATE message_log l SET recipient = '' WHERE l.message_id >= mark AND l.message_id < step_end AND l.recipient <> '';
  GET DIAGNOSTICS redacted = ROW_COUNT;
  UPDATE redaction SET up_to = step_end;
END $$;

-- Recipients that were to be forgotten. Kept, and done again, for as long as an event of an earlier message may still
-- arrive; then the references go too.
CREATE TABLE erasures (
  erasure_id       uuid PRIMARY KEY,
  recipient_hashes text[] NOT NULL,           -- the references under every key, the newest first
  requested_at     timestamptz NOT NULL,
  due_at           timestamptz NOT NULL,
  messages         bigint NOT NULL DEFAULT 0  -- erased so far
);

-- One step: up to messages_max messages to these references lose whatever says to whom. `tag` takes the reference's
-- place, so that rows which come later are known: with `recent` it is these that are looked for, of messages from that
-- id on. Returns how many messages were changed; 0: all is done.
CREATE FUNCTION erase_recipient(hashes text[], tag text, recent uuid, messages_max integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = health, pg_temp SET enable_seqscan = off AS $$
DECLARE
  ids uuid[];
BEGIN
  IF recent IS NULL THEN
    SELECT array_agg(DISTINCT f.message_id) INTO ids
    FROM unnest(hashes) AS h(hash)
    CROSS JOIN LATERAL (SELECT m.message_id FROM message_log m
                        WHERE left(m.recipient_hash, 16) = left(h.hash, 16) AND m.recipient_hash = h.hash
                          AND m.recipient_hash <> '' AND m.attempt = 0
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

REVOKE ALL ON FUNCTION redact_recipients(uuid, integer), erase_recipient(text[], text, uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION redact_recipients(uuid, integer), erase_recipient(text[], text, uuid, integer) TO carillon_health;
