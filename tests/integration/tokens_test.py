"""Tokens: what one may see, how it is shown, how it ends, and what is refused."""

import base64
import hashlib
import hmac
import json
import signal
import subprocess
import time

import harness
from raw import RawSocket

SECRET = b"0123456789abcdef0123456789abcdef"
OTHER_SECRET = b"fedcba9876543210fedcba9876543210"
UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
           "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def craft(header, claims, secret=SECRET):
    """A token as no honest signer makes it."""
    head = base64url(json.dumps(header).encode()) + "." + base64url(json.dumps(claims).encode())
    return head + "." + base64url(hmac.new(secret, head.encode(), hashlib.sha256).digest())


class Tokens(harness.IntegrationTest):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        (self.folder / "secret").write_bytes(SECRET)
        for command in (["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "rsa.key"],
                        ["pkey", "-in", "rsa.key", "-pubout", "-out", "rsa.pem"]):
            subprocess.run(["openssl", *command], cwd=self.folder, check=True, capture_output=True)

    async def start_with(self, *, server=None, failures=0, **auth):
        self.config = harness.config([harness.simulator("kraken", instruments=4), harness.simulator("binance", instruments=4)], {
            "auth": {"secret_file": "secret", "key_files": ["rsa.pem"], "skew_ms": 0, **auth}, **(server or {})},
            {"token_failures_per_s_per_address": failures, "requests_per_s": 1000})
        tickerd = await self.start_tickerd_with(self.write_config(self.config))
        await tickerd.ready()
        return tickerd

    async def mint(self, *options, key=None):
        key = key or ["--secret", self.folder / "secret"]
        minted = await harness.run([harness.binaries() / "tickerctl", "token", *key, *options])
        self.assertEqual((minted.exit_code, minted.err), (0, []))
        return minted.out[0]

    async def closed_with(self, tickerd, query):
        client = harness.Client(tickerd.url)
        try:
            await client.open(query)
        except AssertionError:  # closed before its hello
            pass
        return await client.until_closed()

    async def test_one_sees_what_it_names_and_nothing_else(self):
        tickerd = await self.start_with()
        token = await self.mint("--symbols", "kraken:*", key=["--key", self.folder / "rsa.key"])
        client = await self.connect(tickerd)
        self.assertEqual(client.hello["auth"], "required")
        refused = await client.request({"op": "subscribe", "symbols": ["kraken:*"]})
        self.assertEqual(refused["code"], "unauthorised")
        self.assertEqual((await client.request({"op": "auth", "token": token}))["type"], "authenticated")
        binance = next(iter(await self.tickers(tickerd, await self.mint(), "binance:*")))

        by_pattern = await client.subscribe("*", "*:*", "bin*", interval_ms=0)
        by_name = await client.subscribe(binance, "kraken:*", lane="named", since={"epoch": client.epoch, "version": 1})
        waiting = await client.subscribe(binance, lane="waits", wait=True)
        trades = await client.subscribe("*", channel="trades", since={"epoch": client.epoch, "version": 1})
        await client.subscribe("*", channel="status")
        self.assertEqual([by_pattern["count"], by_name["count"], waiting["count"], trades["count"]], [4, 4, 0, 4])
        self.assertEqual(by_name["rejected"], [{"symbol": binance, "code": "unknown_symbol"}])
        self.assertEqual((await client.request({"op": "subscribe", "symbols": [binance]}))["code"], "unknown_symbol")
        await client.until(lambda: client.frames > 20, "frames")
        self.assertEqual({symbol.split(":")[0] for symbol in client.held}, {"kraken"})
        self.assertEqual(set(client.feeds), {"kraken"})

        for headers, query in (({"Authorization": f"Bearer {token}"}, ""), ({}, f"&token={token}")):
            for symbols in ("*", "*:*", f"{binance},*"):
                answer = json.loads((await tickerd.get(f"/v1/tickers?symbols={symbols}{query}", headers=headers)).body)
                self.assertEqual({entry["symbol"].split(":")[0] for entry in answer["data"]}, {"kraken"})
            answer = json.loads((await tickerd.get(f"/v1/tickers?symbols={binance}{query}", headers=headers)).body)
            self.assertEqual((answer["data"], answer["rejected"][0]["code"]), ([], "unknown_symbol"))
            answer = json.loads((await tickerd.get(f"/v1/symbols?{query}", headers=headers)).body)
            self.assertEqual({entry["venue"] for entry in answer["symbols"]}, {"kraken"})
            answer = json.loads((await tickerd.get(f"/v1/feeds?{query}", headers=headers)).body)
            self.assertEqual([(feed["feed"], feed["symbols"]) for feed in answer["feeds"]], [("kraken", 4)])

    async def tickers(self, tickerd, token, symbols="*"):
        answer = await tickerd.get(f"/v1/tickers?symbols={symbols}", headers={"Authorization": f"Bearer {token}"})
        self.assertEqual(answer.status, 200, answer.body)
        return {entry["symbol"]: entry for entry in json.loads(answer.body)["data"]}

    async def test_what_one_may_see_is_not_kept_for_another(self):
        tickerd = await self.start_with()
        everything, some = await self.mint(), await self.mint("--symbols", "kraken:*")
        path = "/v1/symbols"
        whole = await tickerd.get(path, headers={"Authorization": f"Bearer {everything}"})
        self.assertEqual((whole.headers["vary"], whole.headers["cache-control"]), ("Authorization", "private, no-cache"))
        part = await tickerd.get(path, headers={"Authorization": f"Bearer {some}", "If-None-Match": whole.headers["etag"]})
        self.assertEqual(part.status, 200)
        self.assertNotIn(b"binance", part.body)
        again = await tickerd.get(path, headers={"Authorization": f"Bearer {some}", "If-None-Match": part.headers["etag"]})
        self.assertEqual(again.status, 304)

    async def test_fields_and_intervals_are_limited(self):
        tickerd = await self.start_with()
        token = await self.mint("--fields", "bid,ask", "--min-interval-ms", "500")
        client = harness.Client(tickerd.url)
        self.clients.append(client)
        await client.open(f"?token={token}")
        self.assertEqual((client.hello["auth"], client.hello["limits"]["min_interval_ms"]), ("none", 500))
        await client.until(lambda: client.pushes["authenticated"], "authenticated")
        reply = await client.subscribe("*", interval_ms=0)
        self.assertEqual((reply["fields"], reply["interval_ms"]), (["bid", "ask"], 500))
        refused = await client.request({"op": "subscribe", "symbols": ["*"], "fields": ["last"]})
        self.assertEqual(refused["code"], "unknown_field")
        refused = await client.request({"op": "subscribe", "symbols": ["*"], "channel": "trades"})
        self.assertEqual(refused["code"], "unknown_channel")
        await client.until(lambda: client.frames > 1, "frames")
        self.assertLessEqual(set().union(*client.held.values()), {"symbol", "bid", "ask", "stale", "new"})
        for entry in (await self.tickers(tickerd, token)).values():
            self.assertLessEqual(set(entry), {"symbol", "bid", "ask", "stale"})
        answer = await tickerd.get("/v1/tickers?fields=last", headers={"Authorization": f"Bearer {token}"})
        self.assertEqual((answer.status, json.loads(answer.body)["error"]["code"]), (400, "unknown_field"))

    async def test_bad_ones_are_refused_in_plain_words_wherever_they_are_shown(self):
        tickerd = await self.start_with()
        (self.folder / "other").write_bytes(OTHER_SECRET)
        later = int(time.time()) + 3600
        none = base64url(b'{"alg":"none"}') + "." + base64url(json.dumps({"exp": later}).encode()) + "."
        bad = {
            "expired": (await self.mint("--expires-in", "-5"), 4501, "the token expired"),
            "another key's": (await self.mint(key=["--secret", self.folder / "other"]), 4500, "the token's signature is wrong"),
            "alg none": (none, 4500, "algorithm is not accepted"),
            "key confusion": (craft({"alg": "HS256"}, {"exp": later}, (self.folder / "rsa.pem").read_bytes()), 4500,
                              "the token's signature is wrong"),
            "from the future": (craft({"alg": "HS256"}, {"exp": later, "iat": later - 600}), 4500, "is from the future"),
            "endless": (craft({"alg": "HS256"}, {}), 4500, "exp"),
            "garbage": ("abc", 4500, "this is no token"),
            "empty": ("", 4500, "this is no token"),
        }
        client = await self.connect(tickerd)
        for what, (token, code, words) in bad.items():
            with self.subTest(what):
                reply = await client.request({"op": "auth", "token": token})
                self.assertEqual((reply["type"], reply["code"]), ("error", "unauthorised"))
                self.assertIn(words, reply["message"])
                self.assertEqual(await self.closed_with(tickerd, f"?token={token}"), code)
                for path, headers in (("/v1/tickers", {}), ("/v1/symbols", {}), ("/v1/feeds", {}), ("/v1/stream", UPGRADE)):
                    shown = {"Authorization": f"Bearer {token}"} if token else {}
                    if path != "/v1/stream" or token:
                        answer = await tickerd.get(path, headers={**headers, **shown})
                        error = json.loads(answer.body)["error"]
                        self.assertEqual((answer.status, error["code"]),
                                         (401, "token_expired" if code == 4501 else "unauthorised"))
                        self.assertIn(words if token else "a token is required", error["message"])
        metrics = await tickerd.metrics()
        for result in ("expired", "signature", "algorithm", "not_yet", "claims", "malformed"):
            self.assertGreater(metrics.sum("ticker_tokens_total", result=result), 0, result)
        self.assertEqual(metrics.sum("ticker_tokens_total", result="good"), 0)
        self.assertGreater(metrics.sum("ticker_connections_refused_total", reason="token"), 0)
        self.assertFalse([line for line in tickerd.program.err if "eyJ" in line], "tokens are not logged")

    async def test_the_longest_is_taken_wherever_it_is_shown(self):
        tickerd = await self.start_with()
        claims = {"exp": int(time.time()) + 3600, "padding": ""}
        claims["padding"] = "x" * ((7680 - len(craft({"alg": "HS256"}, claims))) * 3 // 4)
        longest = craft({"alg": "HS256"}, claims)
        self.assertIn(len(longest), range(7677, 7681))
        client = await self.connect(tickerd)
        self.assertEqual((await client.request({"op": "auth", "id": "\u00e9" * 64, "token": longest}))["type"], "authenticated")
        by_query = harness.Client(tickerd.url)
        self.clients.append(by_query)
        await by_query.open(f"?token={longest}")
        self.assertEqual(by_query.hello["auth"], "none")
        await self.tickers(tickerd, longest)
        self.assertEqual((await tickerd.get(f"/v1/tickers?token={longest}")).status, 200)

        claims["padding"] += "xxx"
        longer = craft({"alg": "HS256"}, claims)
        client = await self.connect(tickerd)
        self.assertIn("longer than 7680", (await client.request({"op": "auth", "token": longer}))["message"])
        minted = await harness.run([harness.binaries() / "tickerctl", "token", "--secret", self.folder / "secret",
                                    "--symbols", ",".join("kraken:" + "x" * 100 + str(i) for i in range(80))])
        self.assertNotEqual(minted.exit_code, 0)
        self.assertIn("7680 at most", minted.err[0])

    async def test_who_shows_many_bad_ones_is_not_listened_to_for_a_while(self):
        tickerd = await self.start_with(failures=1)
        good = await self.mint()
        client = await self.connect(tickerd)
        async def answered(token):
            return await tickerd.get("/v1/tickers", headers={"Authorization": f"Bearer {token}"})
        async def looked_at_and_refused():
            return (await answered("a.b.c")).status == 401
        self.assertTrue(await looked_at_and_refused())
        refused = await client.request({"op": "auth", "token": good})
        self.assertEqual((refused["type"], refused["code"]), ("error", "rate_limited"))
        await harness.wait_until(looked_at_and_refused, "tokens are looked at again")
        self.assertEqual(await self.closed_with(tickerd, f"?token={good}"), 4001)
        await harness.wait_until(looked_at_and_refused, "tokens are looked at again")
        answer = await answered(good)
        self.assertEqual((answer.status, json.loads(answer.body)["error"]["code"]), (429, "rate_limited"))
        self.assertEqual(answer.headers["retry-after"], "1")
        async def taken():
            return (await answered(good)).status == 200
        await harness.wait_until(taken, "the good token is taken")
        self.assertEqual((await client.request({"op": "auth", "token": good}))["type"], "authenticated")
        self.assertGreaterEqual((await tickerd.metrics()).sum("ticker_connections_refused_total", reason="token_failures"), 3)

    async def test_one_that_was_not_looked_at_is_refused_once_and_not_as_bad(self):
        tickerd = await self.start_with(failures=1)
        shown = {"Authorization": "Bearer a.b.c"}
        async def by_header():
            return (await tickerd.get("/v1/stream", headers={**UPGRADE, **shown})).status
        async def by_query():
            return await self.closed_with(tickerd, "?token=a.b.c")
        async def over_http():
            return (await tickerd.get("/v1/tickers", headers=shown)).status
        looked_at = unseen = 0
        for show, refused, not_looked_at in ((by_header, 401, 429), (by_query, 4500, 4001), (over_http, 401, 429)):
            answer = None
            while answer != not_looked_at:
                answer = await show()
                self.assertIn(answer, (refused, not_looked_at))
                looked_at += answer == refused
                unseen += answer == not_looked_at
        self.assertGreater(looked_at, 0)
        metrics = await tickerd.metrics()
        self.assertEqual(metrics.sum("ticker_connections_refused_total", reason="token"), looked_at)
        self.assertEqual(metrics.sum("ticker_connections_refused_total", reason="token_failures"), unseen)

    async def test_a_least_interval_holds_for_reads_and_subscriptions_too(self):
        tickerd = await self.start_with()
        token = await self.mint("--sub", "alice", "--min-interval-ms", "60000")
        for _ in range(8):
            await self.tickers(tickerd, token)
        answer = await tickerd.get("/v1/tickers", headers={"Authorization": f"Bearer {token}"})
        self.assertEqual((answer.status, json.loads(answer.body)["error"]["code"]), (429, "rate_limited"))
        self.assertEqual(answer.headers["retry-after"], "60")
        self.assertEqual((await tickerd.get("/v1/symbols", headers={"Authorization": f"Bearer {token}"})).status, 200)
        await self.counted(tickerd, "ticker_connections_refused_total", 1, reason="token_interval")
        client = await self.connect(tickerd)
        await client.request({"op": "auth", "token": token})
        for _ in range(8):
            await client.subscribe("kraken:*")
        self.assertEqual((await client.request({"op": "subscribe", "symbols": ["kraken:*"]}))["code"], "rate_limited")

    async def test_a_connection_lives_as_long_as_its_tokens(self):
        tickerd = await self.start_with()
        renewing, ending = await self.connect(tickerd), await self.connect(tickerd)
        next_token = await self.mint()
        for client in (renewing, ending):
            await client.request({"op": "auth", "token": await self.mint("--expires-in", "4")})
            await client.subscribe("kraken:*")
        await renewing.until(lambda: renewing.pushes["auth_expiring"], "auth_expiring")
        self.assertLessEqual(renewing.pushes["auth_expiring"][0]["expires_in_ms"], 2000)
        reply = await renewing.request({"op": "auth", "token": next_token})
        self.assertGreater(reply["expires_in_ms"], 3_500_000)
        self.assertEqual(await ending.until_closed(), 4501)
        frames = renewing.frames
        await renewing.until(lambda: renewing.frames > frames, "frames after the first token's end")
        self.assertEqual(renewing.pushes["epoch"], [])

    async def test_without_one_a_client_has_a_moment_only(self):
        tickerd = await self.start_with(timeout_ms=300, request_bytes=1000)
        late, talkative = await self.connect(tickerd), await self.connect(tickerd)
        await talkative.send({"op": "ping", "x": "x" * 900})
        await talkative.send({"op": "ping", "x": "x" * 900})
        self.assertEqual(await talkative.until_closed(), 4500)
        self.assertEqual(await late.until_closed(), 4500)
        await self.counted(tickerd, "ticker_connections_closed_total", 2, code="4500")
        for path in ("/healthz", "/readyz"):
            self.assertEqual((await tickerd.get(path)).status, 200)

    async def test_without_one_no_longer_request_is_received_at_all(self):
        tickerd = await self.start_with(request_bytes=1000)
        raw = await RawSocket.open(tickerd.port)
        self.addCleanup(raw.close)
        self.assertEqual(await raw.handshake(), 101)
        await raw.send(b"\x81\xfe\x03\xe9" + bytes(4))  # the header of 1,001 bytes, and none of them
        self.assertEqual(await raw.close_code(), 1009)
        client = await self.connect(tickerd)
        await client.request({"op": "auth", "token": await self.mint()})
        self.assertEqual((await client.request({"op": "ping", "x": "x" * 60_000}))["type"], "pong")

    async def test_a_subject_has_so_many_connections_over_all_shards(self):
        tickerd = await self.start_with(server={"shards": 2})
        token = await self.mint("--sub", "alice", "--connections", "2")
        by_query = harness.Client(tickerd.url)
        self.clients.append(by_query)
        await by_query.open(f"?token={token}")
        by_request = await self.connect(tickerd)
        await by_request.request({"op": "auth", "token": token})
        self.assertEqual(await self.closed_with(tickerd, f"?token={token}"), 4002)
        third = await self.connect(tickerd)
        await third.send({"op": "auth", "token": token})
        self.assertEqual(await third.until_closed(), 4002)
        self.assertEqual((await by_request.request({"op": "auth", "token": token}))["type"], "authenticated", "it has its place")
        await by_query.close()
        async def has_room():
            client = await self.connect(tickerd)
            await client.send({"op": "auth", "token": token, "id": 1})
            await client.until(lambda: client.replies or client.closed, "an answer")
            return bool(client.replies)
        await harness.wait_until(has_room, "the place of the one that went is free")
        await self.counted(tickerd, "ticker_connections_refused_total", 2, reason="connections_per_subject")

    async def test_keys_are_exchanged_on_sighup_without_dropping_anyone(self):
        tickerd = await self.start_with()
        old = await self.mint()
        client = await self.connect(tickerd)
        await client.request({"op": "auth", "token": old})
        await client.subscribe("kraken:*", interval_ms=0)
        (self.folder / "secret").write_bytes(b"short")
        tickerd.program.signal(signal.SIGHUP)
        await harness.wait_until(lambda: any("32 bytes" in line for line in tickerd.program.err), "the bad key is told of")
        await self.tickers(tickerd, old)
        (self.folder / "secret").write_bytes(OTHER_SECRET)
        tickerd.program.signal(signal.SIGHUP)
        new = await self.mint()
        async def takes_the_new_one():
            return (await tickerd.get("/v1/symbols", headers={"Authorization": f"Bearer {new}"})).status == 200
        await harness.wait_until(takes_the_new_one, "the new key is in force")
        answer = await tickerd.get("/v1/symbols", headers={"Authorization": f"Bearer {old}"})
        self.assertEqual(answer.status, 401)
        frames = client.frames
        await client.until(lambda: client.frames > frames, "its connection goes on")

    async def test_bad_keys_end_the_start_with_one_line(self):
        (self.folder / "secret").write_bytes(b"short")
        self.config = harness.config([harness.simulator("kraken", instruments=4)], {"auth": {"secret_file": "secret"}}, None)
        for options in ([], ["--check-config"]):
            tickerd = await harness.run([harness.binaries() / "tickerd", "--config", self.write_config(self.config), *options])
            self.assertEqual((tickerd.exit_code, len(tickerd.err)), (2, 1), tickerd.err)
            self.assertIn("server.auth: ", tickerd.err[0])
            self.assertIn("32 bytes", tickerd.err[0])


if __name__ == "__main__":
    harness.main()
