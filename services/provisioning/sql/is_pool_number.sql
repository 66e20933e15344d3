SELECT EXISTS (SELECT FROM provisioning.twilio_number_pool WHERE phone_e164 = $1)
