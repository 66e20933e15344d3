# A client to try things with, and people of it who can log in. Sourced by ./dev.
DEMO_TENANT=demo
DEMO_OWNER=owner@demo.example
DEMO_STAFF=staff@demo.example
DEMO_ADMIN=admin@carillon.example

# set_password LINK: as a person does who follows it.
set_password() {
  curl -fsS -m 5 -o /dev/null --data-urlencode "t=${1##*t=}" --data-urlencode "password=$CARILLON_DEMO_PASSWORD" \
    --data-urlencode "repeated=$CARILLON_DEMO_PASSWORD" "${1%%\?*}"
}

# The link of the welcome that the sandbox's inbox has for an address; it comes within 15 s.
welcome_link() {
  local link tries=0
  until link=$(curl -fsS -m 5 "$CARILLON_SANDBOX_URL/messages?to=$1" | grep -o "$CARILLON_URL/set-password?t=[A-Za-z0-9_-]*" | head -n 1) && [ -n "$link" ]; do
    tries=$((tries + 1)); [ $tries -lt 75 ] || { echo "no welcome for $1 in the inbox"; return 1; }
    sleep 0.2
  done
  echo "$link"
}

# demo_account ROLE EMAIL: made once; the password is set by the link of the welcome.
demo_account() {
  local answer link
  answer=$(curl -fsS -m 5 -H "Authorization: Bearer $CARILLON_API_KEY" -H 'Content-Type: application/json' \
    -d "{\"role\":\"$1\",\"email\":\"$2\"}" "$CARILLON_URL/api/admin/clients/$DEMO_TENANT/accounts") || return 1
  case "$answer" in *'"created":true'*) ;; *) return 0 ;; esac
  link=$(welcome_link "$2") || { echo "$link"; return 1; }
  set_password "$link"
}

make_demo() {
  set -a; . $STATE/dev.env; set +a
  "$CARILLON_BIN" client show $DEMO_TENANT >/dev/null 2>&1 ||
    "$CARILLON_BIN" client put $DEMO_TENANT --business-name "Demo Ltd" --owner-name "Olivia Owner" --email $DEMO_OWNER || return 1
  demo_account OWNER $DEMO_OWNER && demo_account STAFF $DEMO_STAFF || return 1
  local link
  if link=$("$CARILLON_BIN" admin create $DEMO_ADMIN 2>/dev/null); then set_password "$link" || return 1; fi
}

# What scripts and people need to know of it.
write_demo_environment() {
  printf '%s\n' CARILLON_DEMO_TENANT=$DEMO_TENANT CARILLON_OWNER_EMAIL=$DEMO_OWNER CARILLON_STAFF_EMAIL=$DEMO_STAFF \
    CARILLON_ADMIN_EMAIL=$DEMO_ADMIN "$(grep CARILLON_DEMO_PASSWORD= $STATE/secrets.env)" >>$STATE/dev.env
}
