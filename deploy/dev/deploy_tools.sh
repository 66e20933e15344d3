# What the tests of the deployment use beside their Python packages: Prometheus of Debian. Sourced by ./dev.
PROMETHEUS_DIR=build/prometheus

# Unpacked and not installed: the package would start a server of its own and bring a web site.
fetch_prometheus() {
  local dir; dir=$(mktemp -d)
  as_root apt-get update -qq
  (cd "$dir" && apt-get download -qq prometheus) && dpkg-deb --extract "$dir"/prometheus_*.deb "$dir/files" &&
    mkdir -p "$PROMETHEUS_DIR/usr/bin" && mv "$dir"/files/usr/bin/* "$PROMETHEUS_DIR/usr/bin/"
  local rc=$?
  rm -rf "$dir"
  return $rc
}

need_deploy_tools() {
  [ -x "$PROMETHEUS_DIR/usr/bin/promtool" ] || step "fetch Prometheus" fetch_prometheus
}
