-- COPY inserts row by row where a column's default is volatile, as clock_timestamp() is. The time of the transaction will do.
ALTER TABLE audit_log ALTER COLUMN logged_at SET DEFAULT now();
