DELETE FROM otp.conversion_alarms WHERE country = $1
