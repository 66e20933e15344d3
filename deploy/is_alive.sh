#!/usr/bin/env bash
# Ends with 0 when the program of this container answers a path with 200: is_alive [/readyz]. The image has no HTTP client.
path=${1:-/healthz}
exec 3<>"/dev/tcp/127.0.0.1/${CARILLON_HTTP_PORT:-8080}" || exit 1
printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$path" >&3
read -r -t 4 _ status _ <&3 && [ "$status" = 200 ]
