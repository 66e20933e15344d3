DELETE FROM health.erasures WHERE erasure_id = $1
