SELECT bus.drop_day($1, $2)
