"""The HTTP side of the real tickerd: PROTOCOL part 5."""

import json
import signal

import harness
import venues


class OneOffReads(harness.IntegrationTest):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        kraken = venues.venue("kraken")
        sim = await self.start_sim(kraken.adapter, harness.recording(kraken.recording), "--speed", "20")
        self.tickerd = await self.start_tickerd([venues.feed(kraken, sim.url)])
        async def held():
            return venues.of_tickers(await self.tickerd.tickers())
        await self.becomes(held, venues.expected_of_tickers(kraken), "the tape has ended")

    async def get(self, path, **options):
        return await self.tickerd.get(path, **options)

    def assert_error(self, answer, status, code=None):
        self.assertEqual(answer.status, status, answer.body)
        error = json.loads(answer.body)["error"]
        self.assertTrue(error["message"])
        if code:
            self.assertEqual(error["code"], code)

    async def test_an_unchanged_answer_is_304(self):
        first = await self.get("/v1/tickers?symbols=kraken:*")
        body = json.loads(first.body)
        self.assertEqual(first.headers["etag"].strip('W/"'), f"{body['epoch']}-{body['version']}")
        second = await self.get("/v1/tickers?symbols=kraken:*", headers={"If-None-Match": first.headers["etag"]})
        self.assertEqual((second.status, second.body), (304, b""))
        self.assertEqual(second.headers["etag"], first.headers["etag"])
        third = await self.get("/v1/tickers?symbols=kraken:*", headers={"If-None-Match": '"else"'})
        self.assertEqual((third.status, third.body), (200, first.body))

    async def test_unknown_names_are_listed_and_the_rest_is_answered(self):
        body = await self.tickerd.get_json("/v1/tickers?symbols=kraken:XMR-USD,kraken:NO-SUCH")
        self.assertEqual([entry["symbol"] for entry in body["data"]], ["kraken:XMR-USD"])
        self.assertEqual(body["rejected"], [{"symbol": "kraken:NO-SUCH", "code": "unknown_symbol"}])

    async def test_only_the_fields_asked_for_are_answered_and_freshness(self):
        body = await self.tickerd.get_json("/v1/tickers?symbols=kraken:XMR-USD&fields=bid,last")
        entry, = body["data"]
        self.assertEqual(harness.values({"x": entry})["x"], {"bid": "353.81000000", "last": "353.81000000"})
        self.assertIs(entry["stale"], False)
        self.assert_error(await self.get("/v1/tickers?fields=bid,nose"), 400, "unknown_field")

    async def test_symbols_and_feeds_are_listed(self):
        symbols = (await self.tickerd.get_json("/v1/symbols"))["symbols"]
        self.assertIn({"symbol": "kraken:KSM-BTC", "native": "KSM/XBT", "venue": "kraken", "base": "KSM", "quote": "BTC"},
                      symbols)
        self.assertEqual(len(symbols), 6)
        feed, = (await self.tickerd.get_json("/v1/feeds"))["feeds"]
        self.assertEqual({k: feed[k] for k in ("feed", "adapter", "state", "symbols", "stale")},
                         {"feed": "kraken", "adapter": "kraken-v1", "state": "live", "symbols": 6, "stale": 0})
        self.assertGreater(feed["last_message_us"], feed["since_us"] - 60_000_000)

    async def test_what_is_not_there_or_not_allowed_is_an_error_in_json(self):
        self.assert_error(await self.get("/v1/nothing"), 404)
        answer = await self.get("/v1/tickers", method="POST")
        self.assert_error(answer, 405)
        self.assertIn("GET", answer.headers["allow"])
        self.assertIn((await self.get("/v1/stream")).status, (400, 426), "a stream is a WebSocket")

    async def test_head_has_the_headers_of_get_and_no_body(self):
        get = await self.get("/v1/tickers")
        head = await self.get("/v1/tickers", method="HEAD")
        self.assertEqual((head.status, head.body), (200, b""))
        for name in ("content-length", "content-type", "etag"):
            self.assertEqual(head.headers[name], get.headers[name])

    async def test_the_answer_tells_nothing_of_the_libraries(self):
        for path in ("/", "/v1/nothing", "/v1/stream"):
            self.assertNotIn("websocket++", str((await self.get(path)).headers).lower())


class Readiness(harness.IntegrationTest):
    async def both(self, tickerd, path):
        """The statuses on the client address and on the metrics address."""
        return [(await tickerd.get(path)).status, (await harness.asyncio.to_thread(
            harness.fetch, tickerd.metrics_port, path)).status]

    async def test_it_waits_for_required_feeds(self):
        kraken = venues.venue("kraken")
        sim = await self.start_sim(kraken.adapter, harness.recording(kraken.recording))
        sim.signal(signal.SIGSTOP)  # accepts in the kernel only: the feed stays connecting
        tickerd = await self.start_tickerd([venues.feed(kraken, sim.url, required=True)])
        self.assertEqual(await self.both(tickerd, "/healthz"), [200, 200])
        self.assertEqual(await self.both(tickerd, "/readyz"), [503, 503])
        self.assertIn(b"kraken", (await tickerd.get("/readyz")).body)
        sim.signal(signal.SIGCONT)
        await tickerd.ready()
        self.assertEqual(await self.both(tickerd, "/readyz"), [200, 200])

    async def test_it_does_not_wait_for_ever(self):
        feed = venues.feed(venues.venue("kraken"), "ws://127.0.0.1:1", required=True)
        tickerd = await self.start_tickerd([feed], server={"start_timeout_ms": 500})
        await tickerd.ready()


class RequestRate(harness.IntegrationTest):
    async def test_an_address_has_so_many_requests_a_second(self):
        tickerd = await self.start_tickerd([harness.simulator()], limits={"http_requests_per_s_per_address": 3})
        statuses = [(await tickerd.get("/v1/symbols")).status for _ in range(12)]
        self.assertIn(200, statuses)
        self.assertIn(429, statuses)
        self.assertEqual({(await tickerd.get("/healthz")).status for _ in range(12)}, {200}, "exempt")
        client = await self.connect(tickerd)  # handshakes do not count
        await client.subscribe("*")
        metrics = await tickerd.metrics()
        self.assertEqual(metrics.sum("ticker_http_requests_total", status="429"), statuses.count(429))


if __name__ == "__main__":
    harness.main(needs_recordings=True)
