-- Those that the removal closed ($2 is its moment); who was closed before stays so.
UPDATE identity.accounts SET disabled_at = NULL WHERE client_id = $1 AND disabled_at = $2::timestamptz
