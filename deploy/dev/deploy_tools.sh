# What the tests of the deployment use: Prometheus of Debian and Helm. Sourced by ./dev.
PROMETHEUS_DIR=build/prometheus
HELM_VERSION=v3.22.0
HELM=build/go/bin/helm

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

# Built once with the Go of the tests' Python packages, and kept. The cluster's version that it takes for granted is set by
# its own makefile, and 1.20 without.
build_helm() {
  local go=$PWD/build/go version=helm.sh/helm/v3/pkg/chartutil.k8sVersion
  PATH="$PWD/build/venv/bin:$PATH" GOPATH=$go GOBIN=$go/bin GOCACHE=$go/cache GOFLAGS=-modcacherw GOTOOLCHAIN=local \
    go install -ldflags="-s -w -X ${version}Major=1 -X ${version}Minor=33" "helm.sh/helm/v3/cmd/helm@$HELM_VERSION" && echo "$HELM_VERSION" >"$HELM.version"
}

need_deploy_tools() {
  [ -x "$PROMETHEUS_DIR/usr/bin/promtool" ] || step "fetch Prometheus" fetch_prometheus
  [ "$(cat "$HELM.version" 2>/dev/null)" = "$HELM_VERSION" ] || step "build helm (once)" build_helm
}
