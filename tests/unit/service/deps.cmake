set(DEPS carillon_app)
