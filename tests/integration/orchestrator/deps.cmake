set(DEPS carillon_postgres_testing)
set(APART ON)
