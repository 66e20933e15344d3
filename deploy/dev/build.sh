# Building. Sourced by ./dev.
configure() { cmake --preset "$1" >/dev/null; }

# build_targets PRESET [target...]: configures once, builds (everything when no target is named).
build_targets() {
  local preset=$1; shift
  # shellcheck disable=SC2086
  need_packages $PACKAGES_BUILD
  [ -f "build/$preset/build.ninja" ] || step "configure ($preset)" configure "$preset"
  step "build ($preset)" cmake --build "build/$preset" ${*:+--target "$@"}
}

build_preset() { build_targets "$1"; }

format_sources() {
  need_packages clang-format
  git ls-files '*.cpp' '*.hpp' | xargs clang-format -i
}

# The tables that a test compares with the code.
write_docs() {
  build_targets dev carillon unit-orchestrator
  { echo "# Settings"; echo; echo "Every setting of every service, from the environment. Made by \`./dev docs\`."; echo; build/dev/bin/carillon config --markdown; } >docs/NOTIFICATION_ENV_VARS.md
  CARILLON_WRITE_DOCS=1 build/dev/tests/unit-orchestrator "[docs]" >/dev/null
  python3 tests/coverage.py >build/coverage.md && mv build/coverage.md docs/coverage.md
}
