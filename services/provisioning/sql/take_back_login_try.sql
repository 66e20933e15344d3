UPDATE identity.login_attempts SET current = current - 1 WHERE kind = $1 AND key = $2 AND current > 0
