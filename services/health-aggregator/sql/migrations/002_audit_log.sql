-- The audit trail: one hash chain per bus partition. hmac = HMAC-SHA-256(key outside the database; partition, chain_seq,
-- prev_hmac, the event as canonical JSON). No personal data.
CREATE TABLE audit_log (
  partition    integer     NOT NULL,
  chain_seq    bigint      NOT NULL,
  event_id     text        NOT NULL,
  occurred_at  timestamptz NOT NULL,
  action       text        NOT NULL,
  actor        text        NOT NULL,
  subject_kind text        NOT NULL,
  subject_id   text        NOT NULL,
  client_id    text        NOT NULL,
  outcome      text        NOT NULL,
  reason       text        NOT NULL,
  details      jsonb       NOT NULL,
  prev_hmac    bytea       NOT NULL,
  hmac         bytea       NOT NULL,
  logged_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (partition, chain_seq)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.05);

-- Block ranges instead of B-trees: rows come in time order and a hot path must not pay for every question an admin asks.
CREATE INDEX audit_log_ranges ON audit_log USING brin (subject_id text_bloom_ops, occurred_at timestamptz_minmax_ops)
  WITH (pages_per_range = 32, autosummarize = on);

-- HEAD: the chain's end at a minute, so that a cut tail is noticed. RETENTION: where the chain begins after older rows
-- were removed. signature = HMAC over kind, partition, chain_seq and hmac with the same key.
CREATE TABLE audit_checkpoint (
  partition  integer     NOT NULL,
  chain_seq  bigint      NOT NULL,
  kind       text        NOT NULL CHECK (kind IN ('HEAD', 'RETENTION')),
  hmac       bytea       NOT NULL,
  signature  bytea       NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (partition, kind, chain_seq)
);

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('health.audit_retention', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_checkpoint_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoint
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

-- The only way to remove audit rows: those up to cut_seq, all logged at least 30 days ago, never the chain's head, and
-- only behind a RETENTION checkpoint for cut_seq that is already there. At most 10,000 rows a call; returns how many.
CREATE FUNCTION remove_audit_rows(cut_partition integer, cut_seq bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = health, pg_temp AS $$
DECLARE removed bigint;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM audit_checkpoint c
                 WHERE c.partition = cut_partition AND c.kind = 'RETENTION' AND c.chain_seq >= cut_seq) THEN
    RAISE EXCEPTION 'no retention checkpoint at %', cut_seq;
  END IF;
  PERFORM set_config('health.audit_retention', pg_current_xact_id()::text, true);
  WITH doomed AS (
    SELECT a.chain_seq FROM audit_log a
    WHERE a.partition = cut_partition AND a.chain_seq <= cut_seq AND a.logged_at < clock_timestamp() - interval '30 days'
      AND a.chain_seq < (SELECT max(h.chain_seq) FROM audit_log h WHERE h.partition = cut_partition)
    ORDER BY a.chain_seq LIMIT 10000)
  DELETE FROM audit_log a USING doomed d WHERE a.partition = cut_partition AND a.chain_seq = d.chain_seq;
  GET DIAGNOSTICS removed = ROW_COUNT;
  DELETE FROM audit_checkpoint c
  WHERE c.partition = cut_partition
    AND (c.chain_seq < cut_seq AND c.created_at < clock_timestamp() - interval '30 days' AND c.kind = 'HEAD');
  PERFORM set_config('health.audit_retention', '', true);
  RETURN removed;
END $$;
REVOKE ALL ON FUNCTION remove_audit_rows(integer, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION remove_audit_rows(integer, bigint) TO carillon_health;

REVOKE UPDATE, DELETE, TRUNCATE ON audit_log, audit_checkpoint FROM carillon_health;
