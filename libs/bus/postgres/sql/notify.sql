SELECT pg_notify('carillon_bus', $1)
