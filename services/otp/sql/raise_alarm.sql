INSERT INTO otp.conversion_alarms (country, raised_at) VALUES ($1, $2) ON CONFLICT DO NOTHING
