-- For the transaction of one search: each branch of message_candidates, and oldest_waiting, has one index that fits, and
-- the planner takes no other way, however rare or frequent it believes a value to be.
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true), set_config('jit', 'off', true)
