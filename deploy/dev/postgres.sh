# A private PostgreSQL 15 for development and tests. Sourced by ./dev.
# postgres_start DIR PORT_WANTED [server options]: initdb once, start, wait; sets POSTGRES_PORT. Never touches other clusters.
POSTGRES_BIN=/usr/lib/postgresql/15/bin

# PostgreSQL refuses to run as root: then the user postgres of the Debian package runs it.
as_postgres() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --init-groups env HOME=/tmp "$@"; else "$@"; fi; }

port_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
free_port() { local p=$1; while ! port_free "$p"; do p=$((p + 1)); done; echo "$p"; }

# Root's checkout may lie where the user postgres can't go; the cluster then lives in /var/tmp, with a link to it.
postgres_dir() {
  local wanted=$1
  mkdir -p "$wanted"
  [ "$(id -u)" != 0 ] && { echo "$wanted"; return; }
  chown postgres:postgres "$wanted"
  if as_postgres test -w "$wanted"; then echo "$wanted"; return; fi
  local other; other=/var/tmp/carillon-$(printf %s "$wanted" | sha256sum | cut -c1-12)
  mkdir -p "$other" && chown postgres:postgres "$other"
  echo "$other"
}

# A new cluster's log has no files to use again yet, and making one holds up every commit: so they are of 4 MB, not 16.
postgres_start() {
  local dir; dir=$(postgres_dir "$1"); local wanted=$2; shift 2
  if [ ! -s "$dir/data/PG_VERSION" ]; then
    (cd / && as_postgres "$POSTGRES_BIN/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --no-locale --wal-segsize=4 >"$dir.initdb.log" 2>&1) ||
      { tail -5 "$dir.initdb.log"; return 1; }
  fi
  if (cd / && as_postgres "$POSTGRES_BIN/pg_ctl" -D "$dir/data" status >/dev/null 2>&1); then
    POSTGRES_PORT=$(sed -n 4p "$dir/data/postmaster.pid"); return 0
  fi
  POSTGRES_PORT=$(free_port "$wanted")
  (cd / && as_postgres "$POSTGRES_BIN/pg_ctl" -D "$dir/data" -w -t 30 -l "$dir/postgres.log" \
    -o "-p $POSTGRES_PORT -c listen_addresses=127.0.0.1 -c unix_socket_directories=$dir $*" start >/dev/null) ||
    { tail -5 "$dir/postgres.log"; return 1; }
}

postgres_stop() {
  local dir; dir=$(postgres_dir "$1")
  [ -s "$dir/data/postmaster.pid" ] || return 0
  (cd / && as_postgres "$POSTGRES_BIN/pg_ctl" -D "$dir/data" -m fast -w -t 30 stop >/dev/null)
}
