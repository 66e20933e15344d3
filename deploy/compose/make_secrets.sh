#!/usr/bin/env bash
# Makes what deploy/compose.yaml reads from compose/secrets/, each once; what is there stays. Keep a copy of the three keys
# outside this machine: docs/operations.md says what is lost without them.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
umask 022
mkdir -p secrets/provider
chmod 700 secrets

keep() { # keep NAME VALUE
  [ -s "secrets/$1" ] || printf '%s' "$2" >"secrets/$1"
}
random_key() { head -c 32 /dev/urandom | base64 | tr -d '\n'; }

keep postgres-password "$(random_key | tr -d '+/=')"
keep database-url "postgresql://carillon:$(cat secrets/postgres-password)@postgres:5432/carillon"
keep payload-key "$(random_key)"
keep audit-key "$(random_key)"
keep otp-pepper "$(random_key)"
keep grafana-password "$(random_key | tr -d '+/=')"
echo "secrets/ is complete; providers' secrets go to secrets/provider/, see settings.env"
