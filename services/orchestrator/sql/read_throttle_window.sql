SELECT second, admitted FROM orchestrator.throttle_window WHERE channel = $1::text AND second >= $2::bigint
