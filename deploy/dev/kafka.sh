# A private Apache Kafka 4.1 for development and tests: one node, broker and controller. Sourced by ./dev.
# kafka_start DIR PORT_WANTED [property=value ...]: format once, start, wait; sets KAFKA_PORT. Never touches other brokers.
KAFKA_FILES=deploy/dev/kafka
KAFKA_LIBS=build/kafka/libs
KAFKA_HEAP="-Xms128m -Xmx512m"

fetch_kafka() {
  rm -rf "$KAFKA_LIBS"
  mvn -q -B -f "$KAFKA_FILES/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$PWD/$KAFKA_LIBS" || return 1
  sha256sum "$KAFKA_FILES/pom.xml" >"$KAFKA_LIBS/pom.sha256"
}

# The broker's jars, below build/, fetched anew when the list changes.
need_kafka() {
  # shellcheck disable=SC2086  # one word a package
  need_packages $PACKAGES_KAFKA
  sha256sum --check --status "$KAFKA_LIBS/pom.sha256" 2>/dev/null || step "fetch Apache Kafka" fetch_kafka
}

# What was recorded may be another process by now: the broker of DIR is the one that was started with DIR's properties.
kafka_runs() { [ -s "$1/pid" ] && tr '\0' '\n' <"/proc/$(cat "$1/pid")/cmdline" | grep -qxF "$1/server.properties"; } 2>/dev/null

# Asks for the live brokers (Metadata, version 1) and wants one named: an open port proves less, a client in Java costs 2 s a try.
kafka_answers() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1" && printf '\0\0\0\x0e\0\x03\0\x01\0\0\0\x01\xff\xff\0\0\0\0' >&3 &&
    timeout 2 head -c 12 <&3 | od -An -tx1 | grep -q '00 00 00 01 00 00 00 01$') 2>/dev/null
}

kafka_wait() {
  local dir=$1 end=$((SECONDS + 60))
  until kafka_answers "$KAFKA_PORT"; do
    [ ! -s "$dir/pid" ] || kafka_runs "$dir" || { echo "Kafka ended"; return 1; }
    [ $SECONDS -lt $end ] || { echo "Kafka does not answer at port $KAFKA_PORT after 60 s"; return 1; }
    sleep 0.2
  done
}

kafka_properties() {
  local dir=$1 controller; controller=$(free_port $((KAFKA_PORT + 1))); shift
  cat "$KAFKA_FILES/broker.properties"
  printf '%s\n' "listeners=PLAINTEXT://127.0.0.1:$KAFKA_PORT,CONTROLLER://127.0.0.1:$controller" \
    "controller.quorum.bootstrap.servers=127.0.0.1:$controller" "log.dirs=$dir/data" "$@"
}

# The cluster's id is kept last: without it the folder was never wholly formatted.
kafka_format() {
  local dir=$1 id
  [ -s "$dir/cluster.id" ] && [ -s "$dir/data/meta.properties" ] && return 0
  rm -rf "$dir/data" "$dir/cluster.id"
  id=$(tr -d - </proc/sys/kernel/random/uuid | head -c 16 | base64 | tr -d =)
  java -XX:TieredStopAtLevel=1 -cp "$PWD/$KAFKA_LIBS/*" kafka.tools.StorageTool format --standalone --cluster-id "$id" \
    --config "$dir/server.properties" >>"$dir/kafka.log" 2>&1 || return 1
  echo "$id" >"$dir/cluster.id"
}

kafka_launch() {
  # shellcheck disable=SC2016,SC2086  # the inner shell's own $, one word a setting
  setsid sh -c 'echo $$ >"$1"; shift; exec java "$@"' start "$1/pid" $KAFKA_HEAP \
    "-Dlog4j2.configurationFile=$PWD/$KAFKA_FILES/log4j2.properties" -cp "$PWD/$KAFKA_LIBS/*" \
    kafka.Kafka "$1/server.properties" >>"$1/kafka.log" 2>&1 </dev/null &
}

kafka_start() {
  local dir wanted=$2
  mkdir -p "$1"; dir=$(realpath "$1"); shift 2
  if kafka_runs "$dir"; then
    KAFKA_PORT=$(cat "$dir/port")
  else
    KAFKA_PORT=$(free_port "$wanted")
    kafka_properties "$dir" "$@" >"$dir/server.properties"
    kafka_format "$dir" || { tail -n 20 "$dir/kafka.log"; return 1; }
    rm -f "$dir/pid"
    echo "$KAFKA_PORT" >"$dir/port"
    kafka_launch "$dir"
  fi
  kafka_wait "$dir" || { tail -n 20 "$dir/kafka.log"; kafka_stop "$dir"; return 1; }
}

kafka_stop() {
  [ -s "$1/pid" ] || return 0
  local dir pid; dir=$(realpath "$1") pid=$(cat "$1/pid")
  if kafka_runs "$dir"; then
    kill -TERM "$pid" && kill -CONT "$pid" || ! kafka_runs "$dir" || return 1 # a paused one ends too
    for _ in $(seq 150); do kafka_runs "$dir" || break; sleep 0.2; done
    if kafka_runs "$dir"; then kill -KILL "$pid"; fi
    for _ in $(seq 25); do kafka_runs "$dir" || break; sleep 0.2; done
    ! kafka_runs "$dir" || return 1
  fi
  rm -f "$dir/pid"
}
