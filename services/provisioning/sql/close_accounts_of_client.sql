WITH closed AS (
  UPDATE identity.accounts SET disabled_at = $2::timestamptz WHERE client_id = $1 AND disabled_at IS NULL RETURNING account_id
)
DELETE FROM identity.sessions AS s USING closed AS c WHERE s.account_id = c.account_id
