DELETE FROM dispatcher.instances i WHERE i.instance = $1::bigint
  AND NOT EXISTS (SELECT FROM dispatcher.pending p WHERE p.state = 1 AND p.claimed_by = i.instance)
