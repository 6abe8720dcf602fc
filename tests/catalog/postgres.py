"""A real PostgreSQL server for the tests: on loopback, in a folder of its own, gone afterwards."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import create_engine

from dlcr.catalog import Catalog
from dlcr.catalog.tables import metadata
from tools.pictures import free_port

QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=120")


@dataclass(frozen=True)
class Server:
    """A running server with one catalog on it."""

    address: str

    def fresh(self) -> str:
        """The address of the catalog, empty again: emptying it costs less than making another."""
        Catalog.open(self.address).close()
        with create_engine(self.address).begin() as connection:
            names = ", ".join(metadata.tables)
            connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
        return self.address


def _program(name: str) -> str:
    """Debian keeps its programs apart by version."""
    found = [*sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))[-1:], shutil.which(name)]
    if not found[0]:
        raise RuntimeError("PostgreSQL is not installed: apt-get install postgresql")
    return str(found[0])


@contextmanager
def serve() -> Iterator[Server]:
    """Start a server and stop it at the end; PostgreSQL refuses to run as root, so root becomes nobody for it."""
    folder, user = Path(tempfile.mkdtemp(prefix="dlcr-postgres-")), {}
    if os.geteuid() == 0:
        os.chown(folder, 65534, 65534)
        user = {"user": 65534, "group": 65534, "extra_groups": []}
    data, port = folder / "data", free_port()
    make = [_program("initdb"), "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    subprocess.run(make, check=True, capture_output=True, cwd=folder, **user)
    command = [_program("postgres"), "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder]
    command += [word for setting in QUICK for word in ("-c", setting)]
    with open(folder / "log", "w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **user)
    try:
        _wait(process, port, folder / "log")
        yield Server(f"postgresql+psycopg://tester@127.0.0.1:{port}/postgres")
    finally:
        process.send_signal(signal.SIGINT)  # fast shutdown: idle connections are cut
        process.wait(30)
        shutil.rmtree(folder)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(600):
        try:
            psycopg.connect(f"host=127.0.0.1 port={port} user=tester dbname=postgres").close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()[-2000:]}")
