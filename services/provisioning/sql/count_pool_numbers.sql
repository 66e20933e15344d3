SELECT count(*) FILTER (WHERE status = 'AVAILABLE'), count(*) FILTER (WHERE status = 'RESERVED'), count(*) FILTER (WHERE status = 'ASSIGNED'),
       (SELECT count(*) FROM provisioning.number_waiting)
FROM provisioning.twilio_number_pool
