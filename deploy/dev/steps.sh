# One line a step with its time; a step's own output goes to a log whose end is shown when the step fails.
# Sourced by ./dev.
LOGS=$PWD/$STATE/logs
mkdir -p "$LOGS"
STEPS_BEGAN=$(date +%s)

# step "what it does" command...: prints progress on a terminal, the time at the end, the log's end on failure.
step() {
  local what=$1 began log rc=0; shift
  log=$LOGS/$(echo "$what" | tr -cs 'A-Za-z0-9\n' '-').log
  began=$(date +%s%N)
  if [ -t 2 ]; then
    "$@" >"$log" 2>&1 & local pid=$!
    while kill -0 "$pid" 2>/dev/null; do
      printf '\r\033[K  … %s  %ss  %s' "$what" $((($(date +%s%N) - began) / 1000000000)) "$(tail -n1 "$log" 2>/dev/null | tr -d '\r\n' | cut -c1-60)" >&2
      sleep 0.5
    done
    wait "$pid" || rc=$?
    printf '\r\033[K' >&2
  else
    "$@" >"$log" 2>&1 || rc=$?
  fi
  local ms=$((($(date +%s%N) - began) / 1000000))
  if [ "$rc" = 0 ]; then
    printf '  ✓ %-46s %6d.%01d s\n' "$what" $((ms / 1000)) $((ms % 1000 / 100))
  else
    printf '  ✗ %-46s %6d.%01d s   the end of %s:\n' "$what" $((ms / 1000)) $((ms % 1000 / 100)) "${log#"$PWD"/}" >&2
    tail -n 25 "$log" >&2
  fi
  return "$rc"
}
