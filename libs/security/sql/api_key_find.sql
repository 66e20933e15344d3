SELECT owner, secret_sha256, array_to_string(scopes, ' ') AS scopes
FROM identity.api_keys
WHERE id = $1 AND revoked_at IS NULL
