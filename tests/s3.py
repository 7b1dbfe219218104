"""An S3 server for tests (moto, as a process of its own), and a proxy that does it wrong."""

import http.client
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from app.settings import Settings
from tests.servers import ServerMissing, free_port

SECONDS_TO_START = 60
HOP_BY_HOP = {"transfer-encoding", "connection", "content-length"}


@contextmanager
def running_s3() -> Iterator[str]:
    """Yield the address of a server that forgets everything when it stops."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    program = "import sys; from moto.server import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + SECONDS_TO_START
        while not _answers(address):
            if server.poll() is not None or time.monotonic() > deadline:
                raise ServerMissing("The tests need moto[server]; run `make test`.")
            time.sleep(0.1)
        yield address
    finally:
        server.kill()
        server.wait()


def make_bucket(address: str, name: str) -> None:
    urlopen(Request(f"{address}/{name}", method="PUT")).close()


def bucket_settings(address: str, bucket: str, **more: object) -> dict[str, object]:
    """What an operator would set for this bucket; moto takes any key."""
    return {
        "blobs_url": f"s3://{bucket}/moths",
        "s3_endpoint": address,
        "s3_region": "us-east-1",
        "s3_key_id": "tests",
        "s3_secret": "tests",
        "s3_seconds": 2.0,
        **more,
    }


def settings_of(address: str, bucket: str, **more: object) -> Settings:
    return Settings.model_validate(bucket_settings(address, bucket, **more))


def _answers(address: str) -> bool:
    try:
        urlopen(f"{address}/moto-api/").close()
    except OSError:
        return False
    return True


@dataclass
class FaultyProxy:
    """Passes requests on, but for as many faults as are asked for, one per request."""

    address: str
    faults: list[str] = field(default_factory=list)
    """`503`, `cut` (the connection ends in the body), `half` (a body that looks whole), `silent`,
    `deaf` (it reads half of what is sent)."""
    always: str = ""
    seen: int = 0

    def next_fault(self) -> str:
        self.seen += 1
        return self.faults.pop(0) if self.faults else self.always


@contextmanager
def faulty_proxy(behind: str) -> Iterator[FaultyProxy]:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.behind = behind
    server.proxy = FaultyProxy(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.proxy
    finally:
        server.stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    behind: str
    proxy: FaultyProxy

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.stopping = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def answer(self) -> None:
        fault = self.server.proxy.next_fault()
        length = int(self.headers.get("content-length", 0))
        if fault == "deaf":
            self.rfile.read(length // 2)
            self.close_connection = True
            return
        body = self.rfile.read(length)
        if fault == "silent":
            self.server.stopping.wait(30)
            self.close_connection = True
        elif fault == "503":
            self._send(503, [], b"", 0)
        else:
            self._pass_on(body, fault)

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = answer  # noqa: N815 - named by the library

    def _pass_on(self, body: bytes, fault: str) -> None:
        target = urlsplit(self.server.behind)
        server = http.client.HTTPConnection(target.hostname or "", target.port, timeout=30)
        server.request(self.command, self.path, body, dict(self.headers))
        answer = server.getresponse()
        data = answer.read()
        server.close()
        kept = [pair for pair in answer.getheaders() if pair[0].lower() not in HOP_BY_HOP]
        length = len(data)
        if self.command == "HEAD":
            length = int(answer.getheader("content-length") or 0)
        if self.command == "GET" and fault in ("cut", "half"):
            data = data[: len(data) // 2]
            length = len(data) if fault == "half" else length
            self.close_connection = fault == "cut"
        self._send(answer.status, kept, data, length)

    def _send(self, status: int, headers: list[tuple[str, str]], data: bytes, length: int) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
