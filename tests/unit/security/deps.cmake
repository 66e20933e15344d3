set(DEPS rapidcheck)
