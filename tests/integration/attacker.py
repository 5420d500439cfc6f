"""A peer that keeps to nothing: blocking sockets, frames made by hand, however wrong."""

import base64
import os
import socket
import struct

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(payload=b"", *, opcode=TEXT, fin=True, rsv=0, masked=True, announced=None, length_bytes=None):
    """A client's frame. `announced`: the length that its header tells, if not the true one; `length_bytes`: 0, 2 or 8 to
    write it otherwise than in the fewest bytes."""
    size = len(payload) if announced is None else announced
    if length_bytes is None:
        length_bytes = 0 if size < 126 else 2 if size < 65536 else 8
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode,
                  (0x80 if masked else 0) | (size if length_bytes == 0 else 126 if length_bytes == 2 else 127)])
    head += size.to_bytes(length_bytes, "big") if length_bytes else b""
    if not masked:
        return head + payload
    key = os.urandom(4)
    stream = (key * (len(payload) // 4 + 1))[:len(payload)]
    return head + key + (int.from_bytes(payload, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(payload), "big")


def close_frame(code, reason=b""):
    return frame(struct.pack(">H", code) + reason, opcode=CLOSE)


def handshake(path="/v1/stream"):
    return (f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n").encode()


class Attacker:
    """A TCP connection. Blocks, for `patience_s` at most at a time."""

    def __init__(self, port, *, patience_s=30, receive_buffer=None):
        self._socket = socket.socket()
        if receive_buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._socket.settimeout(patience_s)
        self._socket.connect(("127.0.0.1", port))
        self._received = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def be_patient_for(self, seconds):
        self._socket.settimeout(seconds)

    def send(self, data):
        """True: the kernel took all of it within the patience and the peer has not cut."""
        try:
            self._socket.sendall(data)
            return True
        except OSError:
            return False

    def upgrade(self, path="/v1/stream"):
        """The status of the answer; the stream stands behind it."""
        self.send(handshake(path))
        return int(self.head().split()[1])

    def head(self):
        """The head of an HTTP answer, or an empty one if the peer cut."""
        while b"\r\n\r\n" not in self._received:
            if not self._more():
                return ""
        head, self._received = self._received.split(b"\r\n\r\n", 1)
        return head.decode()

    def answer(self):
        """(status, body) of an HTTP answer with a length; (None, b"") if the peer cut before it."""
        head = self.head()
        if not head:
            return None, b""
        lengths = [line.split(":")[1] for line in head.split("\r\n") if line.lower().startswith("content-length:")]
        return int(head.split()[1]), self._take(int(lengths[0]) if lengths else 0)

    def frames(self):
        """(opcode, payload) of frame after frame, until the peer cuts."""
        while True:
            head = self._take(2)
            if len(head) < 2:
                return
            size = head[1] & 127
            if size >= 126:
                size = int.from_bytes(self._take(2 if size == 126 else 8), "big")
            yield head[0] & 15, self._take(size)

    def close_code(self):
        """The server's close code: 1005 if its close frame has none, 1006 if it cut without one."""
        for opcode, payload in self.frames():
            if opcode == CLOSE:
                return struct.unpack(">H", payload[:2])[0] if payload else 1005
        return 1006

    def rest(self):
        """All bytes until the peer ends."""
        while self._more():
            pass
        taken, self._received = self._received, b""
        return taken

    def close(self):
        self._socket.close()

    def reset(self):
        """Ends with a RST."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def _take(self, size):
        while len(self._received) < size and self._more():
            pass
        taken, self._received = self._received[:size], self._received[size:]
        return taken

    def _more(self):
        try:
            data = self._socket.recv(65536)
        except ConnectionError:
            return False
        self._received += data
        return bool(data)


def cpu_seconds(pid):
    """What all threads of a process have run, by the scheduler's own account."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9
