"""HTTP requests that are wrong, huge, ambiguous or never read: each is answered or cut, and what it holds is bounded."""

import asyncio
import json

import harness
from attacker import Attacker

INSTRUMENTS = 5000
SLOW_READERS = 25
PIPELINED = 20
SANITIZERS = {"ASAN_OPTIONS": "quarantine_size_mb=1:thread_local_quarantine_size_kb=64"}


def get(target, *headers, method="GET", version="HTTP/1.1", body=""):
    return ("\r\n".join((f"{method} {target} {version}", "Host: x", *headers)) + "\r\n\r\n" + body).encode("latin-1")


CHUNKED = "Transfer-Encoding: chunked"
# What is sent -> the statuses of all its answers, after which the connection is closed (a request that asks for that is
# added to those that leave it open).
REQUESTS = {
    "a request line of 20 kB": (get("/" + "x" * 20_000), [431]),
    "a header of 20 kB": (get("/healthz", "X: " + "x" * 20_000), [431]),
    "10,000 headers": (get("/healthz", *(f"X{n}: y" for n in range(10_000))), [431]),
    "10,000 headers of one name": (get("/healthz", *(["X: y"] * 10_000)), [431]),
    "a line that never ends": (b"G" * 20_000, [431]),
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", [400]),
    "no target": (b"GET\r\nHost: x\r\n\r\n", [400]),
    "no host": (b"GET /healthz HTTP/1.1\r\n\r\n", [400]),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400]),
    "HTTP/3.0": (get("/healthz", version="HTTP/3.0"), [505]),
    "a proxy's request": (get("http://example.com/healthz"), [400]),
    "CONNECT": (get("example.com:443", method="CONNECT"), [400]),
    "a header without a colon": (get("/healthz", "nonsense"), [400]),
    "a header name with a NUL": (get("/healthz", "X\0Y: z"), [400]),
    "a space before the colon": (get("/healthz", "Content-Length : 5", body="hello"), [400]),
    "a folded header": (get("/healthz", "X: y", " Content-Length: 5", body="hello"), [400]),
    "two lengths": (get("/healthz", "Content-Length: 5", "Content-Length: 6", body="hello!"), [400]),
    "two equal lengths": (get("/healthz", "Content-Length: 5", "Content-Length: 5", body="hello"), [400]),
    "a negative length": (get("/healthz", "Content-Length: -1"), [413]),
    "a length with a sign": (get("/healthz", "Content-Length: +5", body="hello"), [400]),
    "a length in hex": (get("/healthz", "Content-Length: 0x5", body="hello"), [400]),
    "a length beyond 2^64": (get("/healthz", "Content-Length: " + "9" * 40), [413]),
    "a body of a megabyte": (get("/healthz", "Content-Length: 1000000", body="x" * 1000), [413]),
    "chunks": (get("/healthz", CHUNKED, body="5\r\nhello\r\n0\r\n\r\n"), [501]),
    "a chunk bomb": (get("/healthz", CHUNKED, body="7fffffffffffffff\r\n" + "x" * 100_000), [501]),
    "chunks and a length": (get("/healthz", CHUNKED, "Content-Length: 5", body="0\r\n\r\n" + "GET /"), [501]),
    "chunks, hidden": (get("/healthz", "Transfer-Encoding: \tchunked, identity", body="0\r\n\r\n"), [501]),
    "a smuggled request": (get("/healthz", "Content-Length: 0, 45", body="GET /v1/feeds HTTP/1.1\r\nHost: x\r\n\r\n"), [400]),
    "path tricks": (b"".join(get(path) for path in (
        "/../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/v1/../../etc/passwd", "//healthz", "/healthz/", "/healthz%00",
        "/%2e/healthz", "/assets/../../etc/passwd", "/v1/tickers/", "/V1/TICKERS", "/\\..\\", "/?/healthz")),
                    [404] * 11 + [200]),
    "100 requests at once": (get("/healthz") * 100, [200] * 100),
    "all the methods": (b"".join(get("/v1/tickers", method=method) for method in (
        "POST", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "get", "!#$%&'*+-.^_`|~")), [405] * 8),
    "a body on a GET": (get("/healthz", "Content-Length: 65000", body="x" * 65_000) + get("/healthz"), [200, 200]),
    "wrong handshakes": (get("/v1/stream", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"), [400]),
    "queries": (b"".join(get("/v1/tickers?" + query) for query in (
        "symbols=%", "symbols=%zz", "symbols=%00", "symbols=%ff", "symbols=,", "fields=%ff", "fields=", "symbols=" + "*" * 5,
        "symbols=" + ",".join(["p*"] * 1001))), [400] * 9),
    "parameters of no meaning": (get("/v1/tickers?symbols=x&%ff=%00&&&=&symbols"), [200]),
    "a NUL in the target": (get("/healthz\0"), [400]),
    "a line that ends in LF alone": (get("/healthz", "X: y\nContent-Length: 5", body="hello"), [400]),
}


class HostileHttp(harness.IntegrationTest):
    async def start_with(self, **options):
        self.tickerd = await self.start_tickerd(environment=SANITIZERS, **options)
        await self.tickerd.ready()
        return self.tickerd

    def attacker(self, **options):
        attacker = Attacker(self.tickerd.port, **options)
        self.addCleanup(attacker.close)
        return attacker

    async def test_what_is_wrong_huge_or_ambiguous_is_answered_by_its_status(self):
        await self.start_with(feeds=[harness.simulator()])
        for name, (sent, statuses) in REQUESTS.items():
            for pieces in ([sent], [sent[i:i + 1] for i in range(min(len(sent), 100))] + [sent[100:]]):
                with self.subTest(name, in_pieces=len(pieces) > 1):
                    got = await asyncio.to_thread(self.answers, pieces, len(statuses))
                    self.assertEqual([status for status, _ in got], statuses)
                    for status, body in got:
                        if status >= 400:
                            self.assertTrue(json.loads(body)["error"]["message"])
        self.assertEqual((await self.tickerd.get("/healthz")).status, 200)
        metrics = await self.tickerd.metrics()
        for path, status in (("other", 400), ("other", 413), ("other", 431), ("other", 501), ("other", 505), ("/v1/stream", 400)):
            self.assertGreater(metrics.sum("ticker_http_requests_total", path=path, status=str(status)), 0, (path, status))

    def answers(self, pieces, count):
        """The answers, and that nothing comes behind them."""
        attacker = self.attacker()
        for piece in pieces:
            attacker.send(piece)
        got = [attacker.answer() for _ in range(count)]
        if got[-1][0] in (200, 404, 405) or count > 1:
            attacker.send(get("/nothing", "Connection: close"))
            self.assertEqual(attacker.answer()[0], 404)
        self.assertEqual(attacker.rest(), b"")
        attacker.close()
        return got

    async def test_a_request_that_comes_byte_by_byte_is_cut_in_time(self):
        await self.start_with(feeds=[harness.simulator()], limits={"handshake_ms": 500})
        for kept_alive in (False, True):
            attacker = self.attacker()
            if kept_alive:
                attacker.send(get("/healthz"))
                self.assertEqual(attacker.answer()[0], 200)
            request = iter(get("/healthz", "X: " + "y" * 10_000))
            async def cut(attacker=attacker, request=request):
                return not attacker.send(bytes([next(request)]))
            await harness.wait_until(cut, "the request is cut", 15)

    async def test_readers_that_stop_hold_one_answer_each_and_no_more(self):
        # Each answer is of another version of the market, so none is shared.
        await self.start_with(feeds=[harness.simulator(instruments=INSTRUMENTS, updates_per_second=1000)])
        async def size():
            return len((await self.tickerd.get("/v1/tickers")).body)
        async def is_large():
            return await size() > 1_000_000
        await harness.wait_until(is_large, "most instruments have values")
        before = self.tickerd.program.resident_kib()
        for _ in range(SLOW_READERS):
            reader = self.attacker(receive_buffer=4096)
            reader.send(get("/v1/tickers") * PIPELINED)
            await asyncio.sleep(0)
        answered = (await self.tickerd.metrics()).sum("ticker_http_requests_total", path="/v1/tickers")
        grown = self.tickerd.program.resident_kib() - before
        # The kernel takes the first answer or two of each, the next is held here, the others are not even made.
        self.assertLess(answered, SLOW_READERS * PIPELINED / 2)
        self.assertLess(grown, (SLOW_READERS + 10) * await size() / 1024 + 8 * 1024)
        self.assertEqual((await self.tickerd.get("/healthz")).status, 200)

    async def test_answers_being_read_have_a_bound_in_all(self):
        # A third of one answer: the second that is held, of another version of the market, is one too many.
        await self.start_with(feeds=[harness.simulator(instruments=INSTRUMENTS, updates_per_second=1000)],
                              limits={"http_reply_bytes": 65536})
        readers = [self.attacker(receive_buffer=4096) for _ in range(2)]
        for reader in readers:
            reader.send(get("/v1/symbols") * PIPELINED + get("/v1/tickers") * PIPELINED)
        async def refused():
            return (await self.tickerd.get("/v1/tickers")).status == 503
        await harness.wait_until(refused, "there is no room for another answer")
        answer = await self.tickerd.get("/v1/tickers")
        self.assertEqual((answer.status, answer.headers.get("retry-after")), (503, "1"))
        self.assertTrue(json.loads(answer.body)["error"]["message"])
        await self.counted(self.tickerd, "ticker_connections_refused_total", 2, reason="http_reply_bytes")
        self.assertEqual((await self.tickerd.get("/healthz")).status, 200)
        for reader in readers:
            reader.reset()
        async def answered():
            return (await self.tickerd.get("/v1/tickers")).status == 200
        await harness.wait_until(answered, "there is room again")


if __name__ == "__main__":
    harness.main()
