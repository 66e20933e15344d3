SELECT redacted, done FROM health.redact_recipients($1::uuid, $2::integer)
