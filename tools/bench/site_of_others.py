"""A small server for the pages that are not ours: compressed, and to be kept, as a careful host would."""

from __future__ import annotations

import gzip
import mimetypes
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

Draw = Callable[[], bytes]


@contextmanager
def serving(pages: Mapping[str, Draw], folder: Path) -> Iterator[str]:
    """Serve the pages, drawn at each request, and the folder's files; yield the address."""
    files = {f"/{path.relative_to(folder)}": path for path in folder.rglob("*") if path.is_file()}
    squeezed = {address: gzip.compress(path.read_bytes(), 9) for address, path in files.items()}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Answer with a page or a file."""
            if self.path in pages:
                self._answer(gzip.compress(pages[self.path](), 6), "text/html; charset=utf-8", "no-store")
            elif self.path in squeezed:
                media = mimetypes.guess_type(self.path)[0] or "application/octet-stream"
                self._answer(squeezed[self.path], media, "public, max-age=31536000, immutable")
            else:
                self.send_error(404)

        def _answer(self, body: bytes, media: str, keep: str) -> None:
            self.send_response(200)
            for name, value in (
                ("Content-Type", media),
                ("Content-Encoding", "gzip"),
                ("Content-Length", str(len(body))),
                ("Cache-Control", keep),
            ):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
