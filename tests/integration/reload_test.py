"""SIGHUP while clients are connected: what changed is taken over, nobody is dropped."""

import json
import signal

import harness
import venues


class Reloading(harness.IntegrationTest):
    async def start_kraken(self, *bases):
        kraken = venues.venue("kraken")
        sim = await self.start_sim(kraken.adapter, harness.recording(kraken.recording), "--speed", "20")
        def settings(*symbols, **limits):
            some = kraken._replace(symbols={n: s for n, s in kraken.symbols.items() if s in symbols})
            return harness.config([venues.feed(some, sim.url)], limits=limits)
        self.settings = settings
        tickerd = await self.start_tickerd_with(self.write_config(settings(*bases)))
        client = await self.connect(tickerd)
        await client.subscribe("kraken:*")
        await client.subscribe("kraken:XMR-USD", wait=True, lane="focus")
        return tickerd, client

    async def test_symbols_come_and_go_without_a_client_being_dropped(self):
        tickerd, client = await self.start_kraken("ETH-CHF", "KSM-BTC")
        expected = venues.expected_of_tickers(venues.venue("kraken"))
        await client.until(lambda: "bid" in client.held.get("kraken:KSM-BTC", {}), "values of KSM-BTC")

        self.write_config(self.settings("ETH-CHF", "XMR-USD", "OMG-USD"))
        tickerd.program.signal(signal.SIGHUP)

        now = ("kraken:ETH-CHF", "kraken:XMR-USD", "kraken:OMG-USD")
        await self.becomes(lambda: venues.of_tickers(client.held), {s: expected[s] for s in now}, "the new instruments")
        seen = [(entry["symbol"], "removed" if "removed" in entry else "new") for _, entry in client.entries_seen]
        self.assertEqual(sorted(seen), [("kraken:KSM-BTC", "removed"), ("kraken:OMG-USD", "new"), ("kraken:XMR-USD", "new")])
        self.assertIn("focus", client.versions, "the entry that waited for XMR-USD came alive")
        self.assertEqual(client.pushes["epoch"], [])
        self.assertEqual(sorted(harness.values(await tickerd.tickers())), sorted(harness.values(client.held)))
        self.assertFalse(client.closed)

    async def test_a_wrong_configuration_changes_nothing(self):
        tickerd, client = await self.start_kraken("ETH-CHF")
        await client.until(lambda: "bid" in client.held.get("kraken:ETH-CHF", {}), "values of ETH-CHF")
        errors_before = len(tickerd.program.err)
        self.write_config(json.dumps(self.settings("XMR-USD")).replace("kraken-v1", "kraken-v9"))
        tickerd.program.signal(signal.SIGHUP)
        await harness.wait_until(lambda: any("kraken-v9" in line for line in tickerd.program.err[errors_before:]),
                                 "the log names the fault")
        self.assertEqual(list(await tickerd.tickers()), ["kraken:ETH-CHF"])
        self.assertFalse(client.closed)

    async def test_a_symbol_that_the_venue_cannot_have_changes_nothing(self):
        tickerd, client = await self.start_kraken("ETH-CHF")
        wrong = self.settings("ETH-CHF", "XMR-USD", entries=1)
        wrong["feeds"][0]["symbols"].append("BTC-USD-PERP")
        self.write_config(wrong)
        tickerd.program.signal(signal.SIGHUP)
        await harness.wait_until(lambda: any("not reloaded" in line for line in tickerd.program.err), "it is refused")
        self.assertTrue(any("feeds[0].symbols[2]" in line for line in tickerd.program.err), tickerd.program.err)
        self.assertEqual((await self.connect(tickerd)).hello["limits"]["entries"], 1000)
        self.assertEqual(list(await tickerd.tickers()), ["kraken:ETH-CHF"])
        self.assertFalse(client.closed)

    async def test_keys_that_take_a_restart_are_named_each_time(self):
        tickerd, _ = await self.start_kraken("ETH-CHF")
        changed = self.settings("ETH-CHF", entries=1)
        changed["server"] |= {"start_timeout_ms": 1, "trusted_proxies": ["10.0.0.0/8"], "allow_anonymous": True}
        self.write_config(changed)
        for times in (1, 2):
            tickerd.program.signal(signal.SIGHUP)
            def reloaded(times=times):
                return sum("configuration reloaded" in line for line in tickerd.program.err) == times
            await harness.wait_until(reloaded, "it is reloaded")
            for key in ("start_timeout_ms", "trusted_proxies", "allow_anonymous"):
                self.assertEqual(sum(f"server.{key}: changed, but takes a restart" in line for line in tickerd.program.err), times)
            self.assertFalse(any("limits" in line and "restart" in line for line in tickerd.program.err))

    async def test_limits_change_for_those_who_come_later(self):
        tickerd, client = await self.start_kraken("ETH-CHF")
        self.write_config(self.settings("ETH-CHF", entries=1))
        tickerd.program.signal(signal.SIGHUP)
        async def limited():
            later = await self.connect(tickerd)
            return later.hello["limits"]["entries"] == 1
        await harness.wait_until(limited, "a new client is told the new limit")
        self.assertFalse(client.closed)


if __name__ == "__main__":
    harness.main(needs_recordings=True)
