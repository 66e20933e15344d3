set(DEPS carillon_postgres_testing)
