-- Clients that have moved to another time zone, until the leader of scheduled jobs has seen it.
CREATE TABLE schedule_moves (
  job text NOT NULL,
  client_id text NOT NULL REFERENCES clients (id),
  time_zone text NOT NULL,                 -- the one it has left
  done_until timestamptz NOT NULL          -- of the job there, when it left
);
