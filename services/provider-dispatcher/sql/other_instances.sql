SELECT instance FROM dispatcher.instances WHERE instance <> $1::bigint ORDER BY instance
