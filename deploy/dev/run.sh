# Running the whole platform on this machine. Sourced by ./dev.
CARILLON_BIN=build/dev/bin/carillon

random_key() { head -c 32 /dev/urandom | base64 | tr -d '\n'; }

# Keys are made once and kept, so that sealed data and the audit chain stay readable over restarts.
make_secrets() {
  [ -s $STATE/secrets.env ] && return 0
  (umask 077; printf 'CARILLON_PAYLOAD_KEY=%s\nCARILLON_AUDIT_KEY=%s\n' "$(random_key)" "$(random_key)" >$STATE/secrets.env)
}

make_database() {
  postgres_start "$PWD/$STATE/pg" 25431 -c max_connections=200 -c shared_buffers=256MB -c wal_compression=on || return 1
  echo "$POSTGRES_PORT" >$STATE/postgres.port
  "$POSTGRES_BIN/psql" -qXh 127.0.0.1 -p "$POSTGRES_PORT" -U postgres -tc "SELECT 1 FROM pg_database WHERE datname = 'carillon'" | grep -q 1 ||
    "$POSTGRES_BIN/createdb" -h 127.0.0.1 -p "$POSTGRES_PORT" -U postgres carillon
}

is_running() { [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }

write_environment() {
  local http=$1 sandbox=$2 smtp=$3 pg; pg=$(cat $STATE/postgres.port)
  cat >$STATE/serve.env <<EOF
CARILLON_DATABASE_URL=postgresql://postgres@127.0.0.1:$pg/carillon
CARILLON_HTTP_PORT=$http
CARILLON_SANDBOX=true
CARILLON_SANDBOX_PORT=$sandbox
CARILLON_SANDBOX_SMTP_PORT=$smtp
CARILLON_SANDBOX_URL=http://127.0.0.1:$sandbox
EMAIL_SENDER=hello@carillon.example
EMAIL_REPLY_TO=support@carillon.example
POSTMARK_SERVER_TOKEN=sandbox-token
POSTMARK_BASE_URL=http://127.0.0.1:$sandbox
SMTP_HOST=127.0.0.1
SMTP_PORT=$smtp
SMTP_TLS=none
SMS_ENABLED=true
TWILIO_ACCOUNT_SID=AC00000000000000000000000000000000
TWILIO_AUTH_TOKEN=sandbox-token
TWILIO_PHONE_NUMBER=+15005550006
TWILIO_BASE_URL=http://127.0.0.1:$sandbox
SMS_CONSOLE_ENABLED=true
OPS_ALERT_EMAIL=ops@carillon.example
ADMIN_ALERT_EMAILS=admin@carillon.example
OPS_ALERT_PHONE_NUMBERS=+15005550009
EOF
}

with_environment() { (set -a; . $STATE/secrets.env; . $STATE/serve.env; set +a; exec "$@"); }

start_platform() {
  local log=$STATE/logs/carillon.log
  with_environment setsid sh -c 'echo $$ >"$1"; exec "$2" serve' start "$STATE/carillon.pid" "$CARILLON_BIN" >>"$log" 2>&1 </dev/null &
}

# Until /readyz says 200; a process that ended or 60 s without it is a failure.
wait_ready() {
  local tries=0
  until curl -fsS -m 2 -o /dev/null "$1/readyz" 2>/dev/null; do
    [ ! -s $STATE/carillon.pid ] || is_running $STATE/carillon.pid || { echo "carillon ended; the end of its log:"; tail -5 $STATE/logs/carillon.log; return 1; }
    tries=$((tries + 1)); [ $tries -lt 300 ] || { curl -s -m 2 "$1/readyz"; return 1; }
    sleep 0.2
  done
}

make_api_key() {
  local pg; pg=$(cat $STATE/postgres.port)
  local url=$1 sandbox=$2 database=postgresql://postgres@127.0.0.1:$pg/carillon key
  key=$(sed -n 's/^CARILLON_API_KEY=//p' $STATE/dev.env 2>/dev/null || true)
  if [ -z "$key" ] || ! curl -fsS -m 5 -o /dev/null -H "Authorization: Bearer $key" "$url/api/admin/templates" 2>/dev/null; then
    key=$(CARILLON_DATABASE_URL=$database "$CARILLON_BIN" api-key create dev --scope notifications:send --scope notifications:read --scope admin)
  fi
  (umask 077; printf 'CARILLON_URL=%s\nCARILLON_API_KEY=%s\nCARILLON_SANDBOX_URL=%s\nCARILLON_DATABASE_URL=%s\n' "$url" "$key" "$sandbox" "$database" >$STATE/dev.env)
}

first_message() {
  (set -a; . $STATE/dev.env; set +a
   "$CARILLON_BIN" send ADMIN_MANUAL --to ann@example.com --var subject="Hello from Carillon" \
     --var body="One pipe for every message. This one went from HTTP through the bus to a provider." --key "first-$(date +%s)" --wait)
}

run_up() {
  # shellcheck disable=SC2086
  need_packages $PACKAGES_BUILD $PACKAGES_RUN curl
  build_targets dev carillon
  local http sandbox smtp
  if is_running $STATE/carillon.pid; then
    echo "  ✓ already running (./dev down stops it)"
  else
    step "start PostgreSQL" make_database
    make_secrets
    http=$(free_port 8080) sandbox=$(free_port 8025) smtp=$(free_port 2525)
    write_environment "$http" "$sandbox" "$smtp"
    rm -f $STATE/carillon.pid
    start_platform
    step "start Carillon and the provider sandbox" wait_ready "http://127.0.0.1:$http"
    step "make an API key" make_api_key "http://127.0.0.1:$http" "http://127.0.0.1:$sandbox"
  fi
  echo "  → a first message:"
  first_message | sed 's/^/      /'
  . $STATE/dev.env
  cat <<EOF

Carillon runs at    $CARILLON_URL          (health: $CARILLON_URL/readyz, metrics: /metrics)
Its inbox is at     $CARILLON_SANDBOX_URL          (the provider sandbox: nothing is really sent)
API key             $CARILLON_API_KEY
Environment         set -a; . .carillon/dev.env; set +a

  curl -H "Authorization: Bearer \$CARILLON_API_KEY" -H 'Idempotency-Key: a1' -H 'Content-Type: application/json' \\
    -d '{"template_key":"ADMIN_MANUAL","recipient":"ann@example.com","variables":{"subject":"Hi","body":"Hello"}}' \\
    \$CARILLON_URL/api/notifications

Ready after $(($(date +%s) - STEPS_BEGAN)) s. Logs: .carillon/logs/. Stop: ./dev down
EOF
}

stop_platform() {
  local pid; pid=$(cat $STATE/carillon.pid)
  kill -TERM "$pid"
  for _ in $(seq 150); do kill -0 "$pid" 2>/dev/null || return 0; sleep 0.2; done
  echo "carillon ($pid) did not stop within 30 s" >&2; return 1
}

run_down() {
  is_running $STATE/carillon.pid && step "stop Carillon" stop_platform
  rm -f $STATE/carillon.pid
  [ -d $STATE/pg ] && step "stop PostgreSQL" postgres_stop "$PWD/$STATE/pg"
  return 0
}
