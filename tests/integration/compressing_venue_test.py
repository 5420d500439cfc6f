"""A venue that compresses, though nobody asked for it: what it sends is never inflated, and the next connection serves."""

import asyncio
import base64
import hashlib
import json
import struct
import zlib

import harness

ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, COMPRESSED, CLOSE = 0x81, 0xC1, 0x8
BOMB_BYTES = 64 << 20


def quote(number, bid):
    return json.dumps({"stream": "btcusdt@bookTicker",
                       "data": {"u": number, "s": "BTCUSDT", "b": bid, "B": "1", "a": "61800.30", "A": "2"}}).encode()


def deflated(data):
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]


def frame(first, payload):
    size = len(payload)
    length = bytes([size]) if size < 126 else b"\x7e" + struct.pack("!H", size) if size < 65536 else b"\x7f" + struct.pack("!Q", size)
    return bytes([first]) + length + payload


class CompressingVenue:
    """Sends compressed frames first, with and without saying so in the handshake; then a plain one, and stays."""

    def __init__(self, test):
        self.test = test
        self.offers = []  # of each handshake: whether the client offered to be sent compressed frames
        self.codes = []  # with which each connection was closed
        self.answers = [(b"", frame(COMPRESSED, deflated(b" " * BOMB_BYTES))),
                        (b"Sec-WebSocket-Extensions: permessage-deflate\r\n", frame(COMPRESSED, deflated(quote(1, "1.00"))))]

    async def start(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.test.addAsyncCleanup(self.close)
        return self

    async def close(self):
        self._server.close()
        await self._server.wait_closed()

    @property
    def url(self):
        return "ws://127.0.0.1:%d" % self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer):
        try:
            headers = dict(line.split(b": ", 1) for line in (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[1:-2])
            headers = {name.lower(): value for name, value in headers.items()}
            self.offers.append(b"sec-websocket-extensions" in headers)
            key = base64.b64encode(hashlib.sha1(headers[b"sec-websocket-key"] + ACCEPT).digest())
            extensions, answer = self.answers.pop(0) if self.answers else (b"", frame(TEXT, quote(2, "61800.20")))
            writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                         b"Sec-WebSocket-Accept: " + key + b"\r\n" + extensions + b"\r\n")
            opcode, payload = await self._frame(reader)  # the subscription
            self.test.assertEqual(opcode, 1, payload)
            writer.write(answer)
            while opcode != CLOSE:
                opcode, payload = await self._frame(reader)
            self.codes.append(int.from_bytes(payload[:2], "big"))
        except (asyncio.IncompleteReadError, ConnectionError):
            self.codes.append(None)
        finally:
            writer.close()

    @staticmethod
    async def _frame(reader):
        first, size = await reader.readexactly(2)
        size &= 0x7F
        if size >= 126:
            size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
        mask = await reader.readexactly(4)
        payload = await reader.readexactly(size)
        return first & 0xF, bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


class Compression(harness.IntegrationTest):
    async def test_is_neither_asked_for_nor_taken(self):
        venue = await CompressingVenue(self).start()
        tickerd = await self.start_tickerd([{"name": "venue", "adapter": "binance-spot", "url": venue.url,
                                             "symbols": [{"symbol": "BTC-USDT", "native": "BTCUSDT"}]}])
        async def served():
            return (await tickerd.tickers())["venue:BTC-USDT"].get("bid")
        self.assertEqual(await harness.wait_until(served, "the plain quote is served"), "61800.20")

        self.assertEqual(venue.offers, [False, False, False])
        # A handshake that says what was not asked for makes no connection.
        self.assertEqual(venue.codes, [1002, None])
        self.assertTrue(any("an extension that was not offered" in line for line in tickerd.program.err), tickerd.program.tail())
        scrape = await tickerd.metrics()
        self.assertEqual(scrape.sum("ticker_feed_messages_total", feed="venue"), 1)
        self.assertLess(scrape.sum("ticker_feed_bytes_total", feed="venue"), 1_000)


if __name__ == "__main__":
    harness.main()
