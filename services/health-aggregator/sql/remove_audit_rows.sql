SELECT health.remove_audit_rows($1::integer, $2::bigint) AS removed
