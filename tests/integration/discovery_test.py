"""Instruments that the venue's own list names: patterns, wrong names, and a start without the list."""

import asyncio
import json
import os

import harness
import json_venues
from rest_venue import RestVenue

PRODUCTS = json.dumps([{"id": f"{base}-{quote}", "base_currency": base, "quote_currency": quote, "status": status}
                       for base, quote, status in (("BTC", "USD", "online"), ("ETH", "USD", "online"), ("BTC", "EUR", "online"),
                                                   ("OLD", "USD", "delisted"))])


class Coinbase(json_venues.Venue):
    """Says what was subscribed last, and gives a price for each of it."""

    def __init__(self):
        super().__init__()
        self.products = set()

    async def answer(self, socket, request):
        self.products = set(request["product_ids"])
        for product in request["product_ids"]:
            await socket.send(json.dumps({"type": "ticker", "sequence": 1, "product_id": product, "price": "7.0",
                                          "best_bid": "6.9", "best_ask": "7.1", "time": "2022-10-19T23:28:22.061769Z",
                                          "trade_id": 1, "last_size": "1", "side": "buy"}))


class Discovery(harness.IntegrationTest):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.coinbase = await Coinbase().start()
        self.addAsyncCleanup(self.coinbase.close)
        self.rest = await RestVenue().start()
        self.addAsyncCleanup(self.rest.close)
        self.rest.usual["/products"] = lambda query: PRODUCTS

    async def start_with(self, symbols, **discovery):
        discovery = {"url": f"http://127.0.0.1:{self.rest.port}/products", **discovery}
        self.tickerd = await self.start_tickerd([{
            "name": "cb", "adapter": "coinbase-exchange", "url": f"ws://{self.coinbase.authority}", "symbols": symbols,
            "discovery": discovery}])

    async def has(self, *symbols):
        async def live():
            return {symbol for symbol, entry in (await self.tickerd.tickers()).items() if entry.get("last") == "7.0"}
        await self.becomes(live, {f"cb:{symbol}" for symbol in symbols}, "instruments with values")

    async def said(self, text):
        await harness.wait_until(lambda: any(text in line for line in self.tickerd.program.err), f"the log says {text}")

    async def test_a_pattern_becomes_what_the_venue_trades(self):
        await self.start_with(["*-USD"])
        await self.has("BTC-USD", "ETH-USD")
        self.assertEqual(self.coinbase.products, {"BTC-USD", "ETH-USD"})
        self.assertEqual(self.coinbase.opened, 1, "nobody connects for nothing")

    async def test_a_name_that_the_venue_lacks_is_told(self):
        await self.start_with(["BTC-USD", "BTC-USX"])
        await self.said("cb: the venue does not list 'BTC-USX' (BTC-USX); it has BTC-EUR, BTC-USD")

    async def test_no_more_than_max_symbols(self):
        await self.start_with(["*-*"], max_symbols=2)
        await self.has("BTC-EUR", "BTC-USD")
        await self.said("its patterns match 3 instruments, of which max_symbols allows 2: from 'ETH-USD' on")

    async def test_a_venue_that_turns_us_away_is_left_alone(self):
        for status, headers, wait_ms in ((418, {}, 60_000), (403, {}, 60_000), (429, {"Retry-After": "0"}, 60_000),
                                         (429, {"Retry-After": "1200"}, 1_200_000)):
            with self.subTest(status=status, headers=headers):
                self.rest.script = [(status, headers, "")]
                await self.start_with(["BTC-USD"])
                await self.said(f"HTTP {status}; its symbols are not verified; next attempt in {wait_ms} ms")
                await self.tickerd.program.stop()

    async def test_a_start_without_the_list_uses_that_of_the_last_one(self):
        cache = self.folder / "cache"
        await self.start_with(["*-USD"], cache_folder=str(cache))
        await self.has("BTC-USD", "ETH-USD")
        await self.tickerd.program.stop()
        self.assertEqual([path.name for path in cache.iterdir()], ["cb.instruments"])

        self.rest.script = [(503, {}, "")] * 100
        await self.start_with(["*-EUR"], cache_folder=str(cache))
        await self.has("BTC-EUR")
        await self.said("HTTP 503; that of 0 minutes ago serves")

    async def test_without_any_list_plain_names_go_on_and_patterns_come_later(self):
        self.rest.script = [(200, {}, "<html>maintenance</html>")]
        await self.start_with(["BTC-USD", "*-EUR"])
        await self.has("BTC-USD")
        await self.said("the answer is no such list; its patterns have no instruments; next attempt in")
        await self.has("BTC-USD", "BTC-EUR")

    async def test_a_disk_that_hangs_holds_up_nothing_else(self):
        self.rest.usual["/quote"] = lambda query: '{"bid":1.50}'
        for file, answer in (("cb.instruments.new", PRODUCTS), ("cb.instruments", None)):
            with self.subTest(file=file):
                folder = self.folder / f"cache of {file}"
                folder.mkdir()
                os.mkfifo(folder / file)  # whoever opens it waits for the other end
                self.rest.usual["/products"] = lambda query: answer
                self.tickerd = await self.start_tickerd([
                    {"name": "cb", "adapter": "coinbase-exchange", "url": f"ws://{self.coinbase.authority}",
                     "symbols": ["BTC-USD", "*-EUR"],
                     "discovery": {"url": f"http://127.0.0.1:{self.rest.port}/products", "cache_folder": str(folder)}},
                    {"name": "rest", "adapter": "http-poll", "url": f"http://127.0.0.1:{self.rest.port}/quote?s={{symbol}}",
                     "native_form": "{base}", "symbols": ["A-USD"], "interval_ms": 20, "requests_per_minute": 0,
                     "messages": [{"fields": {"bid": "/bid"}}]}])
                paths = lambda: [request.path for request in self.rest.requests]
                await harness.wait_until(lambda: "/products" in paths(), "the list is asked for")
                polls = paths().count("/quote") + 50
                await harness.wait_until(lambda: paths().count("/quote") > polls, "polls go on")
                await self.has("BTC-USD")

                if answer:
                    await asyncio.to_thread((folder / file).read_bytes)
                    await self.has("BTC-USD", "BTC-EUR")
                else:
                    await asyncio.to_thread((folder / file).write_bytes, b"")
                    (folder / file).unlink()  # or the next time it is asked for, it hangs again
                    await self.said("its patterns have no instruments")
                self.rest.requests.clear()
                await self.tickerd.program.stop()

    async def test_a_disk_that_hangs_does_not_hold_up_the_end(self):
        cache = self.folder / "cache"
        cache.mkdir()
        os.mkfifo(cache / "cb.instruments.new")  # whoever opens it waits for the other end
        await self.start_with(["BTC-USD"], cache_folder=str(cache))
        await harness.wait_until(lambda: self.rest.requests, "the list is asked for")
        await self.has("BTC-USD")
        self.assertEqual(await self.tickerd.program.stop(), 0)

    async def test_a_list_that_never_comes_takes_nothing_from_plain_names(self):
        self.rest.script = [None] * 100
        await self.start_with(["BTC-USD"], timeout_ms=200)
        await self.said("its symbols are not verified")
        await self.has("BTC-USD")


if __name__ == "__main__":
    harness.main()
