"""A real server on this machine that is told things, and answers well, badly, late or never."""

import contextlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """`received` has the headers and the body of each message. `answer(handler)` writes what is answered."""

    def __init__(self):
        self.received, self.answer, self.let_go = [], says(204), threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.append((self.path, dict(self.headers), body))
                with contextlib.suppress(OSError):  # whoever asked may have gone
                    receiver.answer(self)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks?shop=7"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def hang(self, handler):
        self.let_go.wait(20)
        handler.close_connection = True

    def stop(self):
        self.let_go.set()
        self.server.shutdown()
        self.server.server_close()


def says(status, body=b"", headers=()):
    def answer(handler):
        handler.send_response(status)
        for name, value in headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def talks_for_ever(handler):
    handler.send_response(200)
    handler.end_headers()
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    for _block in range(10_000):
        handler.wfile.write(b"x" * 4096)
