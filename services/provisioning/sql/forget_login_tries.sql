DELETE FROM identity.login_attempts WHERE kind = $1 AND key = $2
