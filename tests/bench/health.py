"""The message log at ten million rows, in the program bench-health: figures and searches against their targets beside the
machine's own round trip, and what each index costs the ingest."""

import json
import os
import pathlib
import subprocess
from collections.abc import Iterator

from harness.postgres import Cluster

BIN = pathlib.Path(os.environ["CARILLON_BIN_DIR"])


def measure(rows: int) -> Iterator[dict]:
    cluster = Cluster(fsync="on", shared_buffers="1GB", min_wal_size="1GB", max_wal_size="8GB", wal_compression="lz4", checkpoint_timeout="30min")
    try:
        cluster.start()
        program = subprocess.Popen([BIN / "bench-health", str(rows)], stdout=subprocess.PIPE, text=True,
                                   env=os.environ | {"CARILLON_TEST_DATABASE_URL": cluster.socket_url()})
        for line in program.stdout:
            yield json.loads(line)
        assert program.wait() == 0
    finally:
        cluster.close()
