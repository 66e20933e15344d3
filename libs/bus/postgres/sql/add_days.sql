SELECT bus.add_days($1)
