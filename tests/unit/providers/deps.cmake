set(DEPS carillon_provider_dispatcher)
set(APART ON)
