set(DEPS rapidcheck)
set(APART ON)
