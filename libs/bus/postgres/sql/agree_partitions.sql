SELECT bus.agree_partitions($1)
