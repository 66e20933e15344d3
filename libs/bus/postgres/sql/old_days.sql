SELECT topic, child, kept_for FROM bus.old_days(make_interval(hours => $1), make_interval(hours => $2))
