# Building. Sourced by ./dev.
configure() { cmake --preset "$1" >/dev/null; }

# build_targets PRESET [target...]: configures, builds (everything when no target is named).
build_targets() {
  local preset=$1; shift
  # shellcheck disable=SC2086
  need_packages $PACKAGES_BUILD
  step "configure ($preset)" configure "$preset"
  step "build ($preset)" cmake --build "build/$preset" ${*:+--target "$@"}
}

build_preset() { build_targets "$1"; }

format_sources() {
  need_packages clang-format
  git ls-files '*.cpp' '*.hpp' | xargs clang-format -i
}

write_settings() {
  printf '# Settings\n\nEvery setting of every service, from the environment. Made by `./dev docs`.\n\n'
  build/dev/bin/carillon config --markdown
}

# The tables that tests compare with the code; each replaces the old one only when it was wholly written.
write_docs() {
  build_targets dev carillon unit-orchestrator
  write_settings >build/settings.md && mv build/settings.md docs/NOTIFICATION_ENV_VARS.md || return 1
  build/dev/tests/unit-orchestrator "[docs]" >build/docs.log || { cat build/docs.log >&2; return 1; }
  python3 deploy/dev/settings_schema.py >build/values.schema.json && mv build/values.schema.json helm/carillon/values.schema.json || return 1
  python3 tests/coverage.py >build/coverage.md && mv build/coverage.md docs/coverage.md || return 1
  python3 tests/bench/scale.py --write docs/scale.md
}
