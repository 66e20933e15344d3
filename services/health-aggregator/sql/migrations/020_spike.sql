-- What OPS have been told of: the highest level since it last cleared. No row: nothing.
CREATE TABLE spike (
  one       boolean PRIMARY KEY DEFAULT true CHECK (one),
  level     text NOT NULL CHECK (level IN ('WARN', 'CRIT')),
  raised_at timestamptz NOT NULL,
  told_at   timestamptz NOT NULL
);
