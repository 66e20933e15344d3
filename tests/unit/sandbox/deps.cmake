set(APART ON)
