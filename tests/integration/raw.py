"""A WebSocket by hand, for what a well-behaved library refuses to do: not answer pings, not finish a handshake."""

import asyncio
import base64
import os


class RawSocket:
    """A TCP connection to tickerd."""

    def __init__(self, reader, writer):
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port):
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def send(self, data):
        self._writer.write(data)
        await self._writer.drain()

    async def handshake(self, path="/v1/stream", subprotocols=None):
        """Upgrades; the status of the answer. On 101 the stream stands at the first frame."""
        offered = f"Sec-WebSocket-Protocol: {subprotocols}\r\n" if subprotocols else ""
        await self.send((f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                         f"Sec-WebSocket-Version: 13\r\n{offered}"
                         f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n").encode())
        head = await self._reader.readuntil(b"\r\n\r\n")
        return int(head.split()[1])

    async def send_text(self, text):
        """One text frame, masked with zeros."""
        data = text.encode()
        length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")
        await self.send(b"\x81" + length + bytes(4) + data)

    async def frame(self):
        """(opcode, payload) of the next frame."""
        first, length = await self._reader.readexactly(2)
        if length >= 126:
            length = int.from_bytes(await self._reader.readexactly(2 if length == 126 else 8), "big")
        return first & 15, await self._reader.readexactly(length)

    async def close_code(self, deadline_s=30):
        """Reads frames, answers none of them, until the server closes; its code, or None if it just cut the socket."""
        async def read():
            while True:
                opcode, payload = await self.frame()
                if opcode == 8:
                    return int.from_bytes(payload[:2], "big")
        try:
            return await asyncio.wait_for(read(), deadline_s)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    async def end(self, deadline_s=30):
        """All bytes until the server closes its side."""
        return await asyncio.wait_for(self._reader.read(), deadline_s)

    def close(self):
        self._writer.close()
