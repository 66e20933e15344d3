# Running the whole platform on this machine. Sourced by ./dev.
CARILLON_BIN=build/dev/bin/carillon

random_key() { head -c 32 /dev/urandom | base64 | tr -d '\n'; }

# Keys are made once and kept, so that sealed data and the audit chain stay readable over restarts.
make_secrets() {
  local name
  (umask 077; touch $STATE/secrets.env)
  for name in CARILLON_PAYLOAD_KEY CARILLON_AUDIT_KEY OTP_PEPPER; do
    grep -q "^$name=" $STATE/secrets.env || echo "$name=$(random_key)" >>$STATE/secrets.env
  done
  grep -q "^CARILLON_DEMO_PASSWORD=" $STATE/secrets.env || echo "CARILLON_DEMO_PASSWORD=$(random_key | tr -d '+/=' | cut -c1-20)" >>$STATE/secrets.env
  grep -q "^STRIPE_WEBHOOK_SECRET=" $STATE/secrets.env || echo "STRIPE_WEBHOOK_SECRET=whsec_$(random_key | tr -d '+/=')" >>$STATE/secrets.env
}

make_database() {
  postgres_start "$PWD/$STATE/pg" 25431 -c max_connections=200 -c shared_buffers=256MB -c wal_compression=on || return 1
  echo "$POSTGRES_PORT" >$STATE/postgres.port
  "$POSTGRES_BIN/psql" -qXh 127.0.0.1 -p "$POSTGRES_PORT" -U postgres -tc "SELECT 1 FROM pg_database WHERE datname = '$DATABASE'" | grep -q 1 ||
    "$POSTGRES_BIN/createdb" -h 127.0.0.1 -p "$POSTGRES_PORT" -U postgres "$DATABASE"
}

is_running() { [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }

write_environment() {
  local http=$1 sandbox=$2 smtp=$3 pg; pg=$(cat $STATE/postgres.port)
  cat >$STATE/serve.env <<EOF
CARILLON_DATABASE_URL=postgresql://postgres@127.0.0.1:$pg/$DATABASE
CARILLON_HTTP_PORT=$http
CARILLON_PUBLIC_URL=http://127.0.0.1:$http
CARILLON_URL=http://127.0.0.1:$http
CARILLON_SANDBOX_PORT=$sandbox
CARILLON_SANDBOX_SMTP_PORT=$smtp
CARILLON_SANDBOX_URL=http://127.0.0.1:$sandbox
CARILLON_SANDBOX_RECEIPTS_URL=http://127.0.0.1:$http
CARILLON_SANDBOX_RECEIPTS_POSTMARK_AUTH=sandbox:sandbox-password
EMAIL_SENDER=hello@carillon.example
EMAIL_REPLY_TO=support@carillon.example
POSTMARK_SERVER_TOKEN=sandbox-token
POSTMARK_BASE_URL=http://127.0.0.1:$sandbox
POSTMARK_WEBHOOK_USER=sandbox
POSTMARK_WEBHOOK_PASSWORD=sandbox-password
AWS_ACCESS_KEY_ID=AKIDSANDBOX
AWS_SECRET_ACCESS_KEY=sandbox-secret
SES_BASE_URL=http://127.0.0.1:$sandbox
SES_CONFIGURATION_SET=carillon
SES_WEBHOOK_TOPIC_ARNS=arn:aws:sns:us-east-1:123456789012:carillon-receipts
SNS_BASE_URL=http://127.0.0.1:$sandbox
SNS_WEBHOOK_BASE_URL=http://127.0.0.1:$sandbox
SENDGRID_API_KEY=SG.sandbox
SENDGRID_BASE_URL=http://127.0.0.1:$sandbox
SLACK_BASE_URL=http://127.0.0.1:$sandbox
SMTP_HOST=127.0.0.1
SMTP_PORT=$smtp
SMTP_TLS=none
SMS_ENABLED=true
TWILIO_ACCOUNT_SID=AC00000000000000000000000000000000
TWILIO_AUTH_TOKEN=sandbox-token
TWILIO_PHONE_NUMBER=+15005550006
TWILIO_BASE_URL=http://127.0.0.1:$sandbox
TWILIO_STATUS_CALLBACK_URL=http://127.0.0.1:$http/api/webhooks/twilio/status
SMS_CONSOLE_ENABLED=true
STRIPE_SECRET_KEY=sk_test_sandbox
STRIPE_BASE_URL=http://127.0.0.1:$sandbox
STRIPE_PRICE_SOLO=price_sandbox_solo
STRIPE_PRICE_PORTFOLIO=price_sandbox_portfolio
STRIPE_PRICE_PRO=price_sandbox_pro
OPS_ALERT_EMAIL=ops@carillon.example
ADMIN_ALERT_EMAILS=admin@carillon.example
OPS_ALERT_PHONE_NUMBERS=+15005550009
EOF
}

use_environment() { set -a; . $STATE/secrets.env; . $STATE/serve.env; set +a; }
with_environment() { (use_environment; exec "$@"); }

# start_program NAME COMMAND...: in the background, with the environment above; its number in .carillon/run/NAME.pid.
start_program() {
  local name=$1; shift
  mkdir -p $STATE/run; rm -f "$STATE/run/$name.pid"
  # shellcheck disable=SC2016  # the inner shell's own $
  (use_environment; exec setsid sh -c 'echo $$ >"$1"; shift; exec "$@"' start "$STATE/run/$name.pid" "$@") >>"$STATE/logs/$name.log" 2>&1 </dev/null &
}

# wait_ready NAME URL: until it answers 200; a program that ended or 60 s without it is a failure.
wait_ready() {
  local tries=0
  until curl -fsS -m 2 -o /dev/null "$2" 2>/dev/null; do
    [ ! -s "$STATE/run/$1.pid" ] || is_running "$STATE/run/$1.pid" || { echo "$1 ended; the end of its log:"; tail -5 "$STATE/logs/$1.log"; return 1; }
    tries=$((tries + 1)); [ $tries -lt 300 ] || { curl -s -m 2 "$2"; return 1; }
    sleep 0.2
  done
}

# The sandbox makes the keys of its receipts when it starts, so it starts first and the platform is told them.
start_sandbox() {
  local url=http://127.0.0.1:$1
  start_program sandbox build/dev/bin/carillon-sandbox
  wait_ready sandbox "$url/stats" || return 1
  curl -fsS -m 5 -o $STATE/sns-root.pem "$url/receipts/keys/sns.pem" || return 1
  printf '%s\n' "SNS_TRUST_STORE_FILE=$PWD/$STATE/sns-root.pem" \
    "SENDGRID_WEBHOOK_PUBLIC_KEY=$(curl -fsS -m 5 "$url/receipts/keys/sendgrid")" >>$STATE/serve.env
}

# All services in one process.
start_whole() {
  start_program carillon "$CARILLON_BIN" serve
  wait_ready carillon "http://127.0.0.1:$1/readyz"
}

make_api_key() {
  local pg; pg=$(cat $STATE/postgres.port)
  local url=$1 sandbox=$2 database=postgresql://postgres@127.0.0.1:$pg/$DATABASE key
  key=$(sed -n 's/^CARILLON_API_KEY=//p' $STATE/dev.env 2>/dev/null || true)
  if [ -z "$key" ] || ! curl -fsS -m 5 -o /dev/null -H "Authorization: Bearer $key" "$url/api/admin/templates" 2>/dev/null; then
    key=$(CARILLON_DATABASE_URL=$database "$CARILLON_BIN" api-key create dev --scope notifications:send --scope notifications:read --scope otp --scope admin)
  fi
  (umask 077; printf 'CARILLON_URL=%s\nCARILLON_API_KEY=%s\nCARILLON_SANDBOX_URL=%s\nCARILLON_DATABASE_URL=%s\n' "$url" "$key" "$sandbox" "$database" >$STATE/dev.env)
  grep STRIPE_WEBHOOK_SECRET= $STATE/secrets.env >>$STATE/dev.env
  grep CARILLON_KAFKA_BROKERS= $STATE/serve.env >>$STATE/dev.env || true
  write_demo_environment
}

first_message() {
  (set -a; . $STATE/dev.env; set +a
   "$CARILLON_BIN" send ADMIN_MANUAL --to ann@example.com --var subject="Hello from Carillon" \
     --var body="One pipe for every message. This one went from HTTP through the bus to a provider." --key "first-$(date +%s)" --wait)
}

# What `up` was asked for: "whole", or "kafka" (one program a service). Each has a database of its own.
choose_arrangement() {
  case "${1:-}" in
    "") ARRANGEMENT=whole DATABASE=carillon ;;
    --kafka) ARRANGEMENT=kafka DATABASE=carillon_kafka ;;
    *) echo "dev up: unknown option '$1'; there is --kafka" >&2; return 2 ;;
  esac
}

is_up() { is_running $STATE/run/carillon.pid || is_running $STATE/run/front.pid; }

start_arrangement() {
  local http sandbox smtp
  echo $ARRANGEMENT >$STATE/arrangement
  step "start PostgreSQL" make_database
  make_secrets
  http=$(free_port 8080) sandbox=$(free_port 8025) smtp=$(free_port 2525)
  write_environment "$http" "$sandbox" "$smtp"
  if [ $ARRANGEMENT = kafka ]; then start_services "$http" "$sandbox"
  else
    step "start the provider sandbox" start_sandbox "$sandbox"
    step "start Carillon" start_whole "$http"
  fi
  step "make an API key" make_api_key "http://127.0.0.1:$http" "http://127.0.0.1:$sandbox"
  step "make a demo client and its people" make_demo
}

run_up() {
  choose_arrangement "$@" || return
  # shellcheck disable=SC2086
  need_packages $PACKAGES_BUILD $PACKAGES_RUN curl
  if [ $ARRANGEMENT = kafka ]; then prepare_kafka; else build_targets dev carillon carillon-sandbox; fi
  if ! is_up; then
    start_arrangement
  elif [ "$(cat $STATE/arrangement)" = $ARRANGEMENT ]; then
    echo "  ✓ already running (./dev down stops it)"
  else
    echo "dev up: it runs the other way (with or without --kafka); ./dev down first" >&2; return 1
  fi
  echo "  → a first message:"
  first_message | sed 's/^/      /'
  say_where
}

say_where() {
  . $STATE/dev.env
  cat <<EOF

Carillon runs at    $CARILLON_URL          (health: $CARILLON_URL/readyz$([ $ARRANGEMENT = kafka ] || echo ", metrics: /metrics"))
Its inbox is at     $CARILLON_SANDBOX_URL          (the provider sandbox: nothing is really sent; one-time codes by hand: /otp, Stripe: /stripe)
Log in at           $CARILLON_URL/login          ($CARILLON_OWNER_EMAIL, $CARILLON_STAFF_EMAIL or $CARILLON_ADMIN_EMAIL; password $CARILLON_DEMO_PASSWORD)
API key             $CARILLON_API_KEY
Environment         set -a; . .carillon/dev.env; set +a
$(if [ $ARRANGEMENT = kafka ]; then say_where_services; fi)
  curl -H "Authorization: Bearer \$CARILLON_API_KEY" -H 'Idempotency-Key: a1' -H 'Content-Type: application/json' \\
    -d '{"template_key":"ADMIN_MANUAL","recipient":"ann@example.com","variables":{"subject":"Hi","body":"Hello"}}' \\
    \$CARILLON_URL/api/notifications

Ready after $(($(date +%s) - STEPS_BEGAN)) s. Logs: .carillon/logs/. Stop: ./dev down
EOF
}

# All at once; a program that is still there after 30 s is named.
stop_programs() {
  local file pid
  for file in "$STATE"/run/*.pid; do if is_running "$file"; then kill -TERM "$(cat "$file")"; fi; done
  for file in "$STATE"/run/*.pid; do
    [ -s "$file" ] || continue
    pid=$(cat "$file")
    for _ in $(seq 150); do kill -0 "$pid" 2>/dev/null || break; sleep 0.2; done
    ! kill -0 "$pid" 2>/dev/null || { echo "$(basename "$file" .pid) ($pid) did not stop within 30 s" >&2; return 1; }
    rm -f "$file"
  done
}

run_down() {
  ls $STATE/run/*.pid >/dev/null 2>&1 && step "stop Carillon" stop_programs
  [ -s $STATE/kafka/pid ] && step "stop Kafka" kafka_stop "$PWD/$STATE/kafka"
  [ -d $STATE/pg ] && step "stop PostgreSQL" postgres_stop "$PWD/$STATE/pg"
  return 0
}
