DELETE FROM health.spike
