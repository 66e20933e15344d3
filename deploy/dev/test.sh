# Tests and measurements. Sourced by ./dev.
RESULTS=build/test-results

# In memory where that has room: every test copies a database, and ext4 is slow at making files where many were just removed
# (0.32 s a database of 300 files instead of 0.01).
test_postgres_dir() {
  local free; free=$(df --output=avail -k /dev/shm 2>/dev/null | tail -1)
  if [ -w /dev/shm ] && [ "${free:-0}" -ge 4000000 ]; then echo "/dev/shm/carillon-test-$(printf %s "$PWD" | sha256sum | cut -c1-12)"
  else echo "$PWD/build/test-pg"; fi
}

start_test_postgres() { # fsync off: these clusters hold nothing that must survive the machine
  local dir; dir=$(test_postgres_dir)
  postgres_start "$dir" 25440 -c fsync=off -c max_connections=800 -c shared_buffers=128MB -c max_locks_per_transaction=256 || return 1
  echo "$dir" >build/test-pg.dir
  echo "$POSTGRES_PORT" >build/test-pg.port
}

stop_test_postgres() {
  local dir; dir=$(cat build/test-pg.dir)
  postgres_stop "$dir" && rm -rf "$dir" "$dir.initdb.log"
}

start_test_kafka() { # empty: every test makes topics of its own
  kafka_stop "$PWD/build/test-kafka" && rm -rf "$PWD/build/test-kafka" &&
    kafka_start "$PWD/build/test-kafka" 25600 group.min.session.timeout.ms=1000
}

# Catch2 programs of some kinds, three at a time, for they wait more than they work; each writes one JSON file, ctest one
# JUnit file with how they ended.
run_catch() {
  local preset=$1 kinds=$2 results=$PWD/$RESULTS/$1
  local label; label=$(echo "$kinds" | tr ' ' '|')
  CARILLON_RESULTS=$results ctest --test-dir "build/$preset" -L "^($label)\$" -j 3 --no-tests=error --output-on-failure --timeout 600 \
    --output-junit "$results/ctest-${kinds// /-}.xml"
}

# Files two at a time, each with a platform of its own; what judges times or looks at the sources runs alone. Counts as
# one failure until pytest has written its own result over this one.
run_pytest() {
  local at_once=""
  case "$1" in e2e | oracles) at_once="-n 2 --dist loadfile" ;; esac
  echo '<testsuites><testsuite name="not ended" tests="1" errors="1"/></testsuites>' >"$RESULTS/pytest-$1.xml"
  # shellcheck disable=SC2086
  CARILLON_BIN_DIR=$PWD/build/dev/bin build/venv/bin/python -m pytest -q -p no:cacheprovider $at_once --junitxml "$RESULTS/pytest-$1.xml" "tests/$1"
}

# The last line: N passed, N failed over all suites, counted from the result files.
report() { build/venv/bin/python tests/count_results.py "$RESULTS"; }

test_run() {
  local what=${1:-all} failed=0 kinds=(unit "contract conformance integration simulation") python="tidy oracles deploy e2e"
  case "$what" in
    all) ;;
    unit | contract | conformance | integration | simulation) kinds=("$what") python="" ;;
    e2e | tidy | oracles | deploy | chaos | failover) kinds=() python=$what ;;
    bare-root) kinds=() python=bare_root; need_packages debootstrap ;;
    sanitize) test_sanitize; return ;;
    *) echo "dev test: unknown suite '$what'; ./dev help lists them" >&2; return 2 ;;
  esac
  # shellcheck disable=SC2086
  need_packages $PACKAGES_BUILD $PACKAGES_RUN $PACKAGES_TEST $PACKAGES_PAGES $PACKAGES_FRONT curl
  need_python
  need_kafka
  case " $python " in *" deploy "*) need_deploy_tools ;; esac
  if [ "$what" != bare-root ]; then build_targets dev; fi  # that one compiles by itself
  rm -rf "$RESULTS"; mkdir -p "$RESULTS/dev"
  step "start PostgreSQL for tests" start_test_postgres || return 1
  export CARILLON_TEST_DATABASE_URL=postgresql://postgres@127.0.0.1:$(cat build/test-pg.port)/postgres
  step "start Kafka for tests" start_test_kafka || return 1
  export CARILLON_TEST_KAFKA_BROKERS=127.0.0.1:$(cat build/test-kafka/port)
  local kind
  for kind in "${kinds[@]}"; do step "$kind tests" run_catch dev "$kind" || failed=1; done
  for kind in $python; do step "$kind tests" run_pytest "$kind" || failed=1; done
  step "stop PostgreSQL for tests" stop_test_postgres || failed=1
  step "stop Kafka for tests" kafka_stop "$PWD/build/test-kafka" || failed=1
  report || failed=1
  return $failed
}

test_sanitize() {
  local failed=0
  export LSAN_OPTIONS=suppressions=$PWD/tests/lsan.supp TSAN_OPTIONS=suppressions=$PWD/tests/tsan.supp
  # shellcheck disable=SC2086
  need_packages $PACKAGES_BUILD $PACKAGES_RUN $PACKAGES_TEST
  need_python
  need_kafka
  rm -rf "$RESULTS"; mkdir -p "$RESULTS/asan-ubsan" "$RESULTS/tsan"
  step "start PostgreSQL for tests" start_test_postgres || return 1
  export CARILLON_TEST_DATABASE_URL=postgresql://postgres@127.0.0.1:$(cat build/test-pg.port)/postgres
  step "start Kafka for tests" start_test_kafka || return 1
  export CARILLON_TEST_KAFKA_BROKERS=127.0.0.1:$(cat build/test-kafka/port)
  build_targets asan-ubsan && step "tests under address and undefined" run_catch asan-ubsan "unit contract conformance integration simulation" || failed=1
  build_targets tsan conformance-bus conformance-kafka unit-bus integration-http && step "tests under thread" run_catch_some tsan "conformance-bus|conformance-kafka|unit-bus|integration-http" || failed=1
  step "stop PostgreSQL for tests" stop_test_postgres || failed=1
  step "stop Kafka for tests" kafka_stop "$PWD/build/test-kafka" || failed=1
  report || failed=1
  return $failed
}

run_catch_some() {
  local results=$PWD/$RESULTS/$1
  CARILLON_RESULTS=$results ctest --test-dir "build/$1" -R "^($2)\$" -j 1 --no-tests=error \
    --output-on-failure --timeout 600 --output-junit "$results/ctest-some.xml"
}

bench_run() {
  # shellcheck disable=SC2086
  need_packages $PACKAGES_BUILD $PACKAGES_RUN $PACKAGES_TEST $PACKAGES_BENCH >&2
  if [ "${1:-}" = peers ]; then need_packages $PACKAGES_PEERS >&2; fi
  need_python >&2
  need_kafka >&2
  build_targets release carillon carillon-sandbox carillon-orchestrator carillon-provider-dispatcher carillon-health-aggregator carillon-otp carillon-billing-ingest carillon-provisioning bench-http-load bench-health >&2
  build/venv/bin/python tests/bench/bench.py "$@"
}
