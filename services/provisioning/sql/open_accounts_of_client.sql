UPDATE identity.accounts SET disabled_at = NULL WHERE client_id = $1 AND disabled_at IS NOT NULL
