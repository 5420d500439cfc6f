"""Venues that the configuration describes: the shipped descriptions against what the venues' documentation says."""

import json
import re

import harness
import json_venues

KEYS = {"FINNHUB_TOKEN": "finnhub-s3cr3t", "APCA_API_KEY_ID": "alpaca-k3y", "APCA_API_SECRET_KEY": "alpaca-s3cr3t"}


class JsonFeeds(harness.IntegrationTest):
    async def venue(self, venue):
        await venue.start()
        self.addAsyncCleanup(venue.close)
        return venue

    async def start_shipped(self, name, urls, **replaced):
        """tickerd with a configuration of configs/, on other ports and addresses; `replaced`: values of keys."""
        text = (harness.ROOT / "configs" / name).read_text()
        text = re.sub(r"listen: \S+", "listen: 127.0.0.1:0", text)
        for theirs, ours in urls.items():
            self.assertIn(theirs, text)
            text = text.replace(theirs, ours)
        for key, value in replaced.items():
            text = re.sub(rf"\b{key}: \S+", f"{key}: {value}", text)
        return await self.start_tickerd_with(self.write_config(text), environment=KEYS)

    def assert_no_secret_was_shown(self, tickerd):
        shown = "\n".join(tickerd.program.out + tickerd.program.err)
        for secret in KEYS.values():
            self.assertNotIn(secret, shown)

    async def test_finnhub(self):
        finnhub = await self.venue(json_venues.Finnhub(KEYS["FINNHUB_TOKEN"]))
        tickerd = await self.start_shipped("finnhub.yaml", {"wss://ws.finnhub.io": f"ws://{finnhub.authority}"})
        client = await self.connect(tickerd)
        await client.subscribe("finnhub:*")
        await harness.wait_until(lambda: finnhub.subscribed == ["AAPL", "BINANCE:BTCUSDT"], "both are subscribed")
        self.assertEqual(finnhub.received[0], '{"type":"subscribe","symbol":"AAPL"}')

        await finnhub.send('{"type":"ping"}')
        await finnhub.send('{"data":[{"c":["1","12"],"p":129.580,"s":"AAPL","t":1672348887666,"v":3},'
                           '{"c":null,"p":16600.10,"s":"BINANCE:BTCUSDT","t":1672348887195,"v":0},'
                           '{"p":1,"s":"TSLA","t":1672348887195,"v":1}],"type":"trade"}')

        await self.becomes(lambda: harness.values(client.held),
                           {"finnhub:AAPL-USD": {"last": "129.580", "last_size": "3"},
                            "finnhub:BTC-USDT": {"last": "16600.10"}}, "the prices, digit for digit")
        self.assertEqual(client.held["finnhub:AAPL-USD"]["exchange_time_us"], 1672348887666000)
        self.assertEqual(harness.stale(client.held), {"finnhub:AAPL-USD": False, "finnhub:BTC-USDT": False})
        await self.counted(tickerd, "ticker_feed_rejected_total", feed="finnhub", reason="unknown_instrument")

        await finnhub.send('{"msg":"Subscribing to too many symbols","type":"error"}')
        await finnhub.send('{"type":"trade","data":[{"s":"AAPL","p":1e400}]}')
        await finnhub.send("not JSON")
        for reason in ("venue_error", "out_of_range", "undecodable"):
            await self.counted(tickerd, "ticker_feed_rejected_total", feed="finnhub", reason=reason)
        self.assertTrue(any("Subscribing to too many symbols" in line for line in tickerd.program.err))
        self.assert_no_secret_was_shown(tickerd)

    async def test_a_venue_that_never_answers_subscriptions_is_not_left_for_it(self):
        class Quiet(json_venues.Venue):
            async def answer(self, socket, request):
                if "alive" in request:
                    await socket.send('{"alive":true}')
        venue = await self.venue(Quiet())
        await self.start_tickerd_with(self.write_config(harness.config([{
            "name": "quiet", "adapter": "json-websocket", "url": f"ws://{venue.authority}", "feed_timeout_ms": 1000,
            "heartbeat_ms": 200, "heartbeat": '{"alive":1}', "requests_per_s": 0, "native_form": "{base}", "symbols": ["A-B"],
            "subscribe": ['{"want":"{symbol}"}'], "messages": [{"symbol": "/s", "fields": {"bid": "/b"}}]}])))
        await harness.wait_until(lambda: len(venue.received) > 16, "three timeouts have passed")
        self.assertEqual(venue.opened, 1)

    async def test_alpaca(self):
        alpaca = await self.venue(json_venues.Alpaca(KEYS["APCA_API_KEY_ID"], KEYS["APCA_API_SECRET_KEY"]))
        crypto = await self.venue(json_venues.Alpaca(KEYS["APCA_API_KEY_ID"], KEYS["APCA_API_SECRET_KEY"]))
        tickerd = await self.start_shipped("alpaca.yaml", {
            "wss://stream.data.alpaca.markets/v2": f"ws://{alpaca.authority}",
            "wss://stream.data.alpaca.markets/v1beta3": f"ws://{crypto.authority}"})
        client = await self.connect(tickerd)
        await client.subscribe("alpaca:*", "alpaca-crypto:*")
        await client.subscribe("alpaca-crypto:*", lane="trades", trades=True)
        await harness.wait_until(lambda: alpaca.lists["quotes"] and crypto.lists["trades"], "both are subscribed")
        self.assertEqual([json.loads(text)["action"] for text in alpaca.received], ["auth", "subscribe"])
        self.assertEqual(alpaca.lists["quotes"], ["AAPL", "MSFT"])
        self.assertEqual(crypto.lists["trades"], ["BTC/USD", "ETH/USD"])

        await alpaca.send('[{"T":"q","S":"AAPL","bx":"K","bp":91.95,"bs":2,"ax":"Q","ap":0,"as":0,"c":["R"],"z":"C",'
                          '"t":"2023-04-06T11:54:21.670905508Z"},'
                          '{"T":"t","S":"AAPL","i":628,"x":"K","p":162.920,"s":3,"c":["@"],"z":"C",'
                          '"t":"2023-04-06T11:54:26.838232225Z"},'
                          '{"T":"t","S":"AAPL","i":75,"x":"Z","p":150,"s":1,"c":["@","F","T","I"],"z":"C",'
                          '"t":"2023-04-06T11:54:26.838562809Z"}]')
        await crypto.send('[{"T":"t","S":"BTC/USD","p":71859.53,"s":29.205707815,"t":"2024-03-12T10:27:48.858228144Z",'
                          '"i":3447222699101865076,"tks":"S"},{"T":"b","S":"BTC/USD","o":388.985}]')

        await self.becomes(lambda: harness.values(client.held),
                           {"alpaca:AAPL-USD": {"bid": "91.95", "bid_size": "200", "last": "162.920", "last_size": "3"},
                            "alpaca:MSFT-USD": {}, "alpaca-crypto:ETH-USD": {},
                            "alpaca-crypto:BTC-USD": {"last": "71859.53", "last_size": "29.205707815",
                                                      "last_side": "sell"}}, "quotes and trades")
        self.assert_no_secret_was_shown(tickerd)

    async def test_who_is_not_let_in_asks_for_nothing_and_tries_again(self):
        alpaca = await self.venue(json_venues.Alpaca("another", "key"))
        tickerd = await self.start_tickerd_with(self.write_config(harness.config([{
            "name": "alpaca", "adapter": "json-websocket", "url": f"ws://{alpaca.authority}", "feed_timeout_ms": 300,
            "heartbeat_ms": 50, "native_form": "{base}", "symbols": ["AAPL-USD"], "subscribe": ["{symbols}"],
            "messages": [{"each": "", "where": {"/T": "success", "/msg": "connected"},
                          "answer": '{"action":"auth","key":"a","secret":"b"}'},
                         {"each": "", "where": {"/msg": "authenticated"}, "means": "ready"},
                         {"each": "", "where": {"/T": "error"}, "means": "error", "text": "/msg"},
                         {"each": "", "where": {"/T": "q"}, "symbol": "/S", "fields": {"bid": "/bp"}}]}])))
        await harness.wait_until(lambda: alpaca.opened >= 2, "it connects again")
        self.assertEqual({json.loads(text)["action"] for text in alpaca.received}, {"auth"})
        await self.counted(tickerd, "ticker_feed_rejected_total", feed="alpaca", reason="venue_error")


if __name__ == "__main__":
    harness.main()
