set(DEPS carillon_postgres_testing carillon_orchestrator)
set(APART ON)
