# The services as programs of their own over Kafka, behind one address. Sourced by ./dev.
SERVICES="orchestrator provider-dispatcher health-aggregator otp billing-ingest provisioning"

prepare_kafka() {
  # shellcheck disable=SC2086
  need_packages $PACKAGES_FRONT
  need_kafka
  # shellcheck disable=SC2046,SC2086
  build_targets dev carillon carillon-sandbox $(printf 'carillon-%s ' $SERVICES)
}

start_kafka() {
  kafka_start "$PWD/$STATE/kafka" 9092 || return 1
  printf '%s\n' CARILLON_BUS=kafka "CARILLON_KAFKA_BROKERS=127.0.0.1:$KAFKA_PORT" >>$STATE/serve.env
}

migrate_and_make_topics() {
  with_environment "$CARILLON_BIN" migrate && with_environment "$CARILLON_BIN" kafka topics --apply --replication 1
}

# The address of each service is kept in .carillon/services.
start_each_service() {
  local name address port=8080
  start_sandbox "$1" || return 1
  : >$STATE/services
  for name in $SERVICES; do
    port=$(free_port $((port + 1)))
    echo "$name 127.0.0.1:$port" >>$STATE/services
    start_program "$name" env CARILLON_HTTP_PORT="$port" "build/dev/bin/carillon-$name"
  done
  while read -r name address; do wait_ready "$name" "http://$address/readyz" || return 1; done <$STATE/services
}

address_of() { sed -n "s|^$1 ||p" $STATE/services; }

start_front() {
  start_program front env CARILLON_FRONT="127.0.0.1:$1" CARILLON_ORCHESTRATOR="$(address_of orchestrator)" \
    CARILLON_HEALTH="$(address_of health-aggregator)" CARILLON_DISPATCHER="$(address_of provider-dispatcher)" CARILLON_OTP="$(address_of otp)" \
    CARILLON_BILLING="$(address_of billing-ingest)" CARILLON_PROVISIONING="$(address_of provisioning)" \
    haproxy -db -f deploy/haproxy.cfg
  wait_ready front "http://127.0.0.1:$1/readyz"
}

# start_services HTTP_PORT SANDBOX_PORT
start_services() {
  step "start Kafka" start_kafka
  step "migrate the database, make the topics" migrate_and_make_topics
  step "start the provider sandbox and each service" start_each_service "$2"
  step "start what is in front of them" start_front "$1"
}

say_where_services() {
  echo "Kafka               $CARILLON_KAFKA_BROKERS"
  sed 's|^\([a-z-]*\) \(.*\)|\1 http://\2/metrics|' $STATE/services | while read -r name url; do printf '%-19s %s\n' "$name" "$url"; done
  printf '\n '
}
