SELECT level FROM health.spike
