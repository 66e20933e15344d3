SELECT health.erase_recipient($1::text[], $2::text, $3::uuid, $4::uuid, $5::integer) AS erased
