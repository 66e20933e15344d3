set(DEPS carillon_tests_support)
