"""The servers that are measured: an emulator in a process of its own, or one that runs already."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import sysconf
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers the API at ``host:port/api``; ``pid`` None: its CPU and memory are not known."""

    name: str
    host: str
    port: int
    pid: int | None
    #: it does its work some hundred times slower: ask less of it
    is_slow: bool = False

    def cpu_seconds(self) -> float:
        """User and system CPU that its process has used; 0 if nobody knows."""
        if self.pid is None:
            return 0.0
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / sysconf("SC_CLK_TCK")

    def memory_kb(self) -> int:
        """Resident memory; 0 if nobody knows."""
        if self.pid is None:
            return 0
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmRSS:\s+(\d+)", status)
        return int(found[1]) if found else 0


@contextmanager
def emulator() -> Iterator[Server]:
    """A fresh emulator, as ``conductor-emulator serve`` runs it."""
    command = [sys.executable, "-m", "conductor_emulator", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if found := re.search(r"http://([\w.]+):(\d+)", line):
                    break
            else:
                raise SystemExit("conductor-emulator serve ended without printing its URL")
            threading.Thread(target=process.stdout.read, daemon=True).start()
            pid = process.pid if Path(f"/proc/{process.pid}/stat").exists() else None
            yield Server("emulator", found[1], int(found[2]), pid)
        finally:
            process.terminate()


def other(url: str, pid: int | None) -> Server:
    """A server that runs already and is much slower."""
    parts = urlsplit(url)
    if parts.hostname is None or parts.path.rstrip("/") not in ("", "/api"):
        raise SystemExit(f"--vs {url}: expected a URL like http://127.0.0.1:8080/api")
    return Server("other", parts.hostname, parts.port or 80, pid, is_slow=True)
