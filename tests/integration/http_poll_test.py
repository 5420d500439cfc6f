"""Venues that are asked over HTTP, again and again: the shipped descriptions, and what venues do to those who ask."""

import email.utils
import functools
import json
import re
import signal
import ssl
import time

import harness
from rest_venue import RestVenue, SILENCE

KEYS = {"FINNHUB_TOKEN": "finnhub-s3cr3t", "COINGECKO_TOKEN": "coingecko-s3cr3t"}


class HttpPoll(harness.IntegrationTest):
    async def venue(self, tls=None):
        venue = await RestVenue().start(tls)
        self.addAsyncCleanup(venue.close)
        self.quotes = {"A": '{"bid":1.50,"ask":1.60}', "B": '{"bid":7,"ask":8}'}
        venue.usual["/quote"] = lambda query: self.quotes.get(query["s"])
        return venue

    def feed(self, venue, **others):
        return {"name": "rest", "adapter": "http-poll", "url": f"http://127.0.0.1:{venue.port}/quote?s={{symbol}}",
                "native_form": "{base}", "symbols": ["A-USD", "B-USD"], "interval_ms": 50, "requests_per_minute": 0,
                "headers": {"X-Token": "h3ader-s3cr3t"}, "messages": [{"fields": {"bid": "/bid", "ask": "/ask"}}], **others}

    async def start_feed(self, venue, **others):
        self.tickerd = await self.start_tickerd([self.feed(venue, **others)])
        return self.tickerd

    async def bids(self):
        return {symbol: (entry.get("bid"), entry["stale"]) for symbol, entry in (await self.tickerd.tickers()).items()}

    async def status(self):
        status, = (await self.tickerd.get_json("/v1/feeds"))["feeds"]
        return status["state"], status.get("reason", "")

    def said(self, text):
        return any(text in line for line in self.tickerd.program.err)

    async def test_the_shipped_descriptions(self):
        venue = await self.venue()
        quotes = {"AAPL": '{"c":261.740,"d":1.2,"dp":0.5,"h":263.31,"l":260.68,"o":261.07,"pc":259.45,"t":1582641000}',
                  "MSFT": '{"c":0,"d":null,"dp":null,"h":0,"l":0,"o":0,"pc":0,"t":0}'}
        venue.usual["/api/v1/quote"] = lambda query: quotes.get(query["symbol"])
        venue.usual["/api/v3/simple/price"] = lambda query: (
            '{"bitcoin":{"usd":67187.3358936566,"usd_24h_vol":31260929299.52484,"usd_24h_change":3.637278946773539,'
            '"last_updated_at":1711356300},"ethereum":{"usd":3500.10,"last_updated_at":1711356301}}'
            if query["ids"] == "bitcoin,ethereum" else None)
        text = (harness.ROOT / "configs/rest-quotes.yaml").read_text()
        text = re.sub(r"listen: \S+", "listen: 127.0.0.1:0", text)
        text = re.sub(r"https://(finnhub.io|api.coingecko.com)", f"http://127.0.0.1:{venue.port}", text)
        text = re.sub(r"requests_per_minute: \d+", "requests_per_minute: 0", text)
        self.tickerd = await self.start_tickerd_with(self.write_config(text), environment=KEYS)

        async def held():
            return harness.values(await self.tickerd.tickers())
        await self.becomes(held, {
            "finnhub:AAPL-USD": {"last": "261.740", "open_24h": "261.07", "high_24h": "263.31", "low_24h": "260.68",
                                 "change_24h": "0.670", "change_percent_24h": "0.2566"},
            "finnhub:MSFT-USD": {},
            "coingecko:BTC-USD": {"last": "67187.3358936566", "quote_volume_24h": "31260929299.52484",
                                  "change_percent_24h": "3.637278946773539"},
            "coingecko:ETH-USD": {"last": "3500.10"}}, "the quotes")
        self.assertEqual((await self.tickerd.tickers())["finnhub:AAPL-USD"]["exchange_time_us"], 1582641000000000)
        tokens = {request.path: (request.headers.get("x-finnhub-token"), request.headers.get("x-cg-demo-api-key"))
                  for request in venue.requests}
        self.assertEqual(tokens, {"/api/v1/quote": ("finnhub-s3cr3t", None),
                                  "/api/v3/simple/price": (None, "coingecko-s3cr3t")})

    async def test_what_has_not_changed_is_fresh_all_the_same(self):
        venue = await self.venue()
        await self.start_feed(venue, feed_timeout_ms=1000 * harness.SLOWNESS)
        await self.becomes(self.bids, {"rest:A-USD": ("1.50", False), "rest:B-USD": ("7", False)}, "the quotes")

        start = time.monotonic()
        await harness.wait_until(lambda: venue.count(304) > 20 and time.monotonic() - start > 2 * harness.SLOWNESS,
                                 "two timeouts of nothing new")

        self.assertEqual(venue.count(200), 2)
        await self.becomes(self.bids, {"rest:A-USD": ("1.50", False), "rest:B-USD": ("7", False)}, "fresh, however slow the machine")
        await self.becomes(self.status, ("live", ""), "the same")
        self.quotes["A"] = '{"bid":1.51,"ask":1.60}'
        await self.becomes(self.bids, {"rest:A-USD": ("1.51", False), "rest:B-USD": ("7", False)}, "the new one")

    async def test_what_was_recorded_plays_as_it_was_served(self):
        venue = await self.venue()
        settings = {**harness.config([self.feed(venue, record=True)]), "recording": {"folder": "tapes"}}
        self.tickerd = await self.start_tickerd_with(self.write_config(settings))
        await self.becomes(self.bids, {"rest:A-USD": ("1.50", False), "rest:B-USD": ("7", False)}, "the quotes")
        usual = venue.usual["/quote"]
        venue.usual["/quote"] = lambda query: 500 if query["s"] == "B" else usual(query)
        await harness.wait_until(lambda: venue.count(500) > 0, "B fails")
        venue.usual["/quote"] = usual
        unchanged = venue.count(304)
        await harness.wait_until(lambda: venue.count(304) > unchanged + 2, "nothing new")
        self.quotes["A"] = '{"bid":1.51,"ask":1.60}'
        self.quotes["B"] = '{"bid":7,"ask":8.5}'
        served = {"rest:A-USD": {"bid": "1.51", "ask": "1.60"}, "rest:B-USD": {"bid": "7", "ask": "8.5"}}

        async def held():
            return harness.values(await self.tickerd.tickers())
        await self.becomes(held, served, "the next quotes")
        self.assertEqual(await self.tickerd.program.stop(), 0)

        tape = self.folder / "tapes/rest"
        for segment in tape.iterdir():
            self.assertNotIn(b"h3ader-s3cr3t", segment.read_bytes())
        async def tickerctl(*arguments):
            ended = await harness.run([harness.binaries() / "tickerctl", *arguments])
            self.assertEqual(ended.exit_code, 0, ended.tail())
            return ended.out
        frames = [await tickerctl("replay", tape, "--interval", "0") for _ in range(2)]
        self.assertEqual(frames[0], frames[1])
        self.assertIn('"bid":"1.50"', "".join(frames[0]))
        final = json.loads("".join(await tickerctl("replay", tape, "--output", "final")))
        self.assertEqual(harness.values({entry["symbol"]: entry for entry in final["data"]}), served)
        inspected = await tickerctl("inspect", tape)
        # Each request is a connection, which ends when the request fails, or at the end.
        for line in ("venue        http-poll", "connected    3", "disconnected 3"):
            self.assertIn(line, inspected)

        settings["feeds"] = [{"name": "rest", "adapter": "recording", "recordings": [{"path": "tapes/rest"}], "speed": "max"}]
        self.tickerd = await self.start_tickerd_with(self.write_config(settings))
        await self.becomes(held, served, "the recording as a feed")

    async def test_unchanged_means_nothing_to_who_holds_nothing(self):
        venue = await self.venue()
        usual = venue.usual["/quote"]
        unchanged = (304, {}, "")
        refusal = ("down", "HTTP 304, though there is nothing of it here")
        venue.usual["/quote"] = lambda query: unchanged
        await self.start_feed(venue, symbols=["A-USD"], feed_timeout_ms=1000 * harness.SLOWNESS)
        await self.becomes(self.status, refusal, "not live without a value")
        venue.usual["/quote"] = usual
        await self.becomes(self.bids, {"rest:A-USD": ("1.50", False)}, "the quote")

        venue.usual["/quote"] = lambda query: unchanged
        venue.script = [(200, {}, "<html>an error page</html>")]

        await self.becomes(self.bids, {"rest:A-USD": ("1.50", True)}, "what nobody confirms any more is stale")
        await self.becomes(self.status, refusal, "the feed is down")

    async def test_answers_without_values_make_no_feed_live(self):
        venue = await self.venue()
        venue.usual["/quote"] = lambda query: {}
        await self.start_feed(venue, symbols=["A-USD"], feed_timeout_ms=1000 * harness.SLOWNESS)
        await harness.wait_until(lambda: venue.count(200) > 2, "it is asked again and again")
        self.assertNotEqual((await self.status())[0], "live")
        venue.script = [(503, {}, "")]
        await harness.wait_until(lambda: venue.count(503) > 0, "it is down for a while")
        await self.becomes(self.status, ("stale", f"no answer with values for {1000 * harness.SLOWNESS} ms"), "it is silent")

    async def test_it_stays_away_for_as_long_as_it_is_told(self):
        venue = await self.venue()
        await self.start_feed(venue, symbols=["A-USD"])
        client = await self.connect(self.tickerd)
        await client.subscribe("*", channel="status")
        due = None

        def slow_down(status, seconds, as_date):
            nonlocal due
            now = time.time()
            date = int(now) + seconds
            due = time.monotonic() + (date - now if as_date else seconds)
            return status, {"Retry-After": email.utils.formatdate(date, usegmt=True) if as_date else str(seconds)}, "slow down"

        for status, seconds, as_date in ((429, 2, False), (503, 3, True)):
            await self.becomes(self.status, ("live", ""), "it is asked")
            start = len(venue.requests)
            venue.script = [functools.partial(slow_down, status, seconds, as_date)]
            await client.until(lambda: ("down", f"HTTP {status}") in [(told["state"], told.get("reason")) for told in client.pushes["status"]],
                               "the feed is down")
            await self.becomes(self.status, ("live", ""), "it is asked again in the end")
            after = venue.requests[start:]
            refused = next(index for index, request in enumerate(after) if request.status == status)
            self.assertGreaterEqual(after[refused + 1].at, due - 0.01)

    async def test_who_does_not_answer_is_stale_until_he_does(self):
        venue = await self.venue()
        await self.start_feed(venue, symbols=["A-USD"], timeout_ms=100, feed_timeout_ms=700)
        await self.becomes(self.bids, {"rest:A-USD": ("1.50", False)}, "the quote")
        venue.script = [None] * 1000
        await self.becomes(self.bids, {"rest:A-USD": ("1.50", True)}, "stale")
        venue.script.clear()
        await self.becomes(self.bids, {"rest:A-USD": ("1.50", False)}, "fresh again")

    async def test_one_that_the_venue_does_not_have_does_not_hinder_the_others(self):
        venue = await self.venue()
        del self.quotes["B"]
        await self.start_feed(venue)
        await harness.wait_until(lambda: venue.count(404) > 2, "B is refused again and again")
        await self.becomes(self.bids, {"rest:A-USD": ("1.50", False), "rest:B-USD": (None, True)}, "A is there")
        self.assertEqual(await self.status(), ("live", "refused by the venue: B"))
        self.quotes["B"] = '{"bid":7}'
        await self.becomes(self.status, ("live", ""), "the venue has it now")

    async def test_one_that_fails_does_not_hinder_the_others(self):
        venue = await self.venue()
        usual = venue.usual["/quote"]
        for status in (500, 401, 302):
            with self.subTest(status=status):
                venue.usual["/quote"] = lambda query: status if query["s"] == "B" else usual(query)
                self.quotes["A"] = '{"bid":1.50,"ask":1.60}'
                await self.start_feed(venue)
                await self.becomes(self.bids, {"rest:A-USD": ("1.50", False), "rest:B-USD": (None, True)}, "A is there")
                client = await self.connect(self.tickerd)
                await client.subscribe("*", channel="status")
                failed = venue.count(status)
                await harness.wait_until(lambda: venue.count(status) > failed + 1, "B is asked for again and again")
                self.quotes["A"] = '{"bid":1.51,"ask":1.60}'
                await self.becomes(self.bids, {"rest:A-USD": ("1.51", False), "rest:B-USD": (None, True)}, "A goes on")
                self.assertNotIn("down", [told["state"] for told in client.pushes["status"]])
                venue.usual["/quote"] = lambda query: status
                await self.becomes(self.status, ("down", f"HTTP {status}"), "nothing is left")
                venue.usual["/quote"] = usual
                await self.becomes(self.status, ("live", ""), "all are there again")
                await self.tickerd.program.stop()

    async def test_one_whose_answer_is_of_no_use_does_not_hinder_the_others(self):
        venue = await self.venue()
        usual = venue.usual["/quote"]
        for why, answer in (("an answer of more than 1024 bytes", " " * 2000), ("Timeout was reached", SILENCE),
                            ("Unsupported protocol", (302, {"Location": f"http://127.0.0.1:{venue.port}/quote?s=A"}, ""))):
            with self.subTest(why=why):
                venue.usual["/quote"] = lambda query: answer if query["s"] == "B" else usual(query)
                self.quotes["A"] = '{"bid":1.50,"ask":1.60}'
                await self.start_feed(venue, headers={}, max_bytes=1024, timeout_ms=500)
                await harness.wait_until(lambda: self.said(f"{why} for 'B'; next attempt in"), "B has to wait")
                self.quotes["A"] = '{"bid":1.51,"ask":1.60}'
                await self.becomes(self.bids, {"rest:A-USD": ("1.51", False), "rest:B-USD": (None, True)}, "A goes on")
                await self.tickerd.program.stop()

    async def test_who_turns_us_away_is_left_alone_for_a_minute(self):
        venue = await self.venue()
        usual = venue.usual["/quote"]
        venue.usual["/quote"] = lambda query: 403 if query["s"] == "B" else usual(query)
        await self.start_feed(venue)
        await harness.wait_until(lambda: self.said("HTTP 403 for 'B'; next attempt in 60000 ms"), "B has to wait")
        await self.becomes(self.bids, {"rest:A-USD": ("1.50", False), "rest:B-USD": (None, True)}, "A goes on")
        venue.usual["/quote"] = lambda query: 418
        await harness.wait_until(lambda: self.said("HTTP 418; next attempt in 60000 ms"), "all have to wait")
        await self.becomes(self.status, ("down", "HTTP 418"), "the feed is told to be down")

    async def test_no_answer_is_believed_too_much(self):
        elsewhere = await self.venue()
        venue = await self.venue()
        await self.start_feed(venue, symbols=["A-USD"], max_bytes=1024, interval_ms=10)
        await self.becomes(self.bids, {"rest:A-USD": ("1.50", False)}, "the quote")
        for answer, reason in ((("not JSON"), "undecodable"), ('{"bid":1e41}', "out_of_range"), ("[" * 1000, "undecodable")):
            before = (await self.tickerd.metrics()).sum("ticker_feed_rejected_total", reason=reason)
            venue.script = [(200, {}, answer)]
            await self.counted(self.tickerd, "ticker_feed_rejected_total", before + 1, reason=reason)
        venue.script = [(200, {}, " " * 2000)]
        await harness.wait_until(lambda: self.said("an answer of more than 1024 bytes"), "too long an answer")
        answers = len(venue.requests)
        await harness.wait_until(lambda: len(venue.requests) > answers + 1, "the next one has been taken")
        venue.script = [(302, {"Location": f"http://127.0.0.1:{elsewhere.port}/quote?s=A"}, "")]
        await harness.wait_until(lambda: self.said("HTTP 302"), "the redirect is not followed")
        await self.becomes(self.bids, {"rest:A-USD": ("1.50", False)}, "it goes on")
        self.assertEqual(elsewhere.requests, [])
        self.assertFalse(self.said("s3cr3t") or self.said("?s="), self.tickerd.program.err)

    async def test_redirects_are_followed_to_tls_only(self):
        elsewhere = await self.venue()
        venue = await self.venue()
        venue.script = [(302, {"Location": f"http://127.0.0.1:{elsewhere.port}/quote?s=A"}, "")]
        await self.start_feed(venue, symbols=["A-USD"], headers={})
        await harness.wait_until(lambda: self.said("next attempt"), "it is a fault")
        await self.becomes(self.bids, {"rest:A-USD": ("1.50", False)}, "the next answer is taken")
        self.assertEqual(elsewhere.requests, [])

    async def test_certificates_are_verified(self):
        pem = self.folder / "venue.pem"
        made = await harness.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                                  "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                                  "-keyout", self.folder / "key.pem", "-out", pem])
        self.assertEqual(made.exit_code, 0, made.tail())
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(pem, self.folder / "key.pem")
        venue = await self.venue(tls)
        for host, more, is_good in (("localhost", {}, False), ("127.0.0.1", {"ca_file": str(pem)}, False),
                                    ("localhost", {"ca_file": str(pem)}, True)):
            with self.subTest(host=host, more=more):
                before = len(venue.requests)
                await self.start_feed(venue, symbols=["A-USD"], url=f"https://{host}:{venue.port}/quote?s={{symbol}}", **more)
                if is_good:
                    await self.becomes(self.bids, {"rest:A-USD": ("1.50", False)}, "the quote")
                else:
                    await harness.wait_until(lambda: self.said("SSL"), "the certificate is refused")
                    self.assertEqual(len(venue.requests), before)
                await self.tickerd.program.stop()

    async def test_a_budget_spaces_the_requests(self):
        venue = await self.venue()
        await self.start_feed(venue, requests_per_minute=300)
        await harness.wait_until(lambda: len(venue.requests) > 7, "eight requests")
        times = [request.at for request in venue.requests[:8]]
        # Each may come late on a busy machine, but not all of the first four do.
        self.assertGreaterEqual(max(times[7] - times[i] - 0.2 * (7 - i) for i in range(4)), -0.1, "200 ms apart")
        self.assertEqual([request.query["s"] for request in venue.requests[:4]], ["A", "B", "A", "B"])
        self.assertTrue(self.said("requests_per_minute allows no more"))

    async def test_a_reload_keeps_what_stays(self):
        venue = await self.venue()
        await self.start_feed(venue, symbols=["A-USD"])
        client = await self.connect(self.tickerd)
        await client.subscribe("rest:*")
        await client.until(lambda: "bid" in client.held.get("rest:A-USD", {}), "the quote")
        self.write_config(harness.config([self.feed(venue)]))
        self.tickerd.program.signal(signal.SIGHUP)
        await client.until(lambda: "bid" in client.held.get("rest:B-USD", {}), "the other one")
        self.assertEqual([entry["symbol"] for _, entry in client.entries_seen], ["rest:B-USD"])
        self.assertFalse(client.closed)


if __name__ == "__main__":
    harness.main()
