SELECT * FROM provisioning.clients WHERE twilio_number = $1 AND twilio_number <> '' AND NOT deleted
FOR UPDATE
