"""A server that pretends to be a language model, and misbehaves as it is told. It keeps the bytes it was sent."""

import contextlib
import json
import socket
import threading

END = b"\r\n\r\n"


class Server:
    """Listens on a port of its own; `answers` says what it does with each connection."""

    def __init__(self, behaviour):
        self.behaviour = behaviour
        self.received = []
        self.stopping = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/v1"
        self.threads = [threading.Thread(target=self.listen, daemon=True)]
        self.threads[0].start()

    def listen(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                thread = threading.Thread(target=self.serve, args=[connection], daemon=True)
                self.threads.append(thread)
                thread.start()

    def serve(self, connection):
        with connection, contextlib.suppress(OSError):
            connection.settimeout(5)
            self.received.append(whole_request(connection))
            self.behaviour(self, connection)

    def stop(self):
        self.stopping.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join(5)

    @property
    def asked(self):
        """How often it was asked."""
        return len(self.received)

    def body(self, number=-1):
        return json.loads(self.received[number].partition(END)[2])


def whole_request(connection):
    read = b""
    while END not in read:
        piece = connection.recv(65536)
        if not piece:
            return read
        read += piece
    length = next(
        (int(line.split(b":")[1]) for line in read.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(read.partition(END)[2]) < length:
        read += connection.recv(65536)
    return read


def response(body, status="200 OK", headers=()):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [
        f"HTTP/1.1 {status}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join(lines).encode() + END + body


def openai(content, **choice):
    message = {"role": "assistant", "content": content if isinstance(content, str) else json.dumps(content)}
    return {
        "choices": [{"message": message, "finish_reason": "stop"} | choice],
        "usage": {"prompt_tokens": 900, "completion_tokens": 50},
    }


def anthropic(content, **more):
    text = content if isinstance(content, str) else json.dumps(content)
    return {
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 800, "output_tokens": 40},
    } | more


def chosen(*codes, confidence=0.9, reason="It is too long.", outcome="suggested", **more):
    return {
        "outcome": outcome,
        "items": [{"code": code, "confidence": confidence, "reason": reason} | more for code in codes],
    }


def saying(body, status="200 OK", headers=()):
    sent = response(body, status, headers)
    return lambda server, connection: connection.sendall(sent)


# ------------------------------------------------------------------------------------------------ misbehaviour


def hangs(server, connection):
    server.stopping.wait(10)


def drips(server, connection):
    """A byte now and then, sooner than any time limit of a read."""
    for byte in response(openai(chosen("trs_hem"))) * 40:
        connection.sendall(bytes([byte]))
        if server.stopping.wait(0.02):
            return


def drips_headers(server, connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(90):
        connection.sendall(b"X-%d: wait\r\n" % number)
        if server.stopping.wait(0.02):
            return


def half(server, connection):
    sent = response(openai(chosen("trs_hem")))
    connection.sendall(sent[: len(sent) // 2 + 60])


def endless(server, connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
    while not server.stopping.is_set():
        connection.sendall(b" " * 65536)


def slams(server, connection):
    connection.close()


def talks_nonsense(server, connection):
    connection.sendall(b"\x00\xff not http at all \r\n\r\n")
