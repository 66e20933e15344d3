# What the build, the run and the tests need, from Debian 12, PyPI and npm. Sourced by ./dev.
PACKAGES_BUILD="g++ cmake ninja-build mold ccache pkg-config git ca-certificates
  libboost1.81-dev libboost-url1.81-dev libpqxx-dev librdkafka-dev rapidjson-dev prometheus-cpp-dev libssl-dev libcurl4-openssl-dev
  libkainjow-mustache-dev libspdlog-dev libfmt-dev libcli11-dev libargon2-dev libjs-bootstrap5 libjs-chart.js libjemalloc-dev catch2 librapidcheck-dev libprotobuf-dev libhowardhinnant-date-dev tzdata"
PACKAGES_RUN="postgresql-15 libjs-bootstrap5"
PACKAGES_TEST="python3 python3-venv protobuf-compiler openssl procps kcat"
PACKAGES_PAGES="chromium"
PACKAGES_BENCH="wrk"
PACKAGES_PEERS="redis-server"
PACKAGES_FRONT="haproxy"
PACKAGES_KAFKA="openjdk-17-jre-headless maven"
# What the programs need where they run: the container image, and nothing else in it. A test compares it with what they link.
PACKAGES_IMAGE="ca-certificates libargon2-1 libboost-url1.81.0 libcurl4 libdate-tz3 libfmt9 libjemalloc2 libjs-bootstrap5 libpq5 libpqxx-6.4
  libprometheus-cpp-core1.0 librdkafka1 libspdlog1.10 libssl3 libstdc++6 tzdata"

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else echo "needs root or sudo to run: $*" >&2; return 1; fi
}

missing_packages() {
  local name
  for name in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || echo "$name"
  done
}

install_packages() {
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

need_packages() {
  command -v dpkg-query >/dev/null || { echo "./dev installs what it needs on Debian 12; elsewhere install: $*" >&2; return 0; }
  local missing; missing=$(missing_packages "$@")
  [ -z "$missing" ] && return 0
  # shellcheck disable=SC2086  # one word a package
  step "install $(echo "$missing" | wc -l) Debian packages" install_packages $missing
}

# The tests' Python packages, in a virtual environment below build/, made anew when the list changes.
need_python() {
  local wanted=tests/requirements.txt venv=build/venv
  cmp -s "$wanted" "$venv/requirements.installed" && return 0
  step "install the tests' Python packages" bash -c "/usr/bin/python3 -m venv '$venv' && '$venv/bin/pip' install -q --no-compile --disable-pip-version-check -r '$wanted' && cp '$wanted' '$venv/requirements.installed'"
}
