"""Three recorded venues at once, through tickerd, to clients that no one here wrote: all end with the same state."""

import time

import harness
import venues
from node_client import NodeClient

INTERVALS_MS = (0, 50, 1000)
# What the Binance tape holds of the two channels that a feed subscribes; "the middle" is told by it.
BINANCE_MESSAGES = 87_402


class RecordedFeeds(harness.IntegrationTest):
    async def test_every_client_ends_with_the_last_values_of_the_recordings(self):
        expected = venues.expected()
        sims = await venues.start_sims(self)
        tickerd = await self.start_tickerd([venues.feed(v, sim.url) for v, sim in sims])
        clients = {}
        for interval_ms in INTERVALS_MS:
            for way in ("stays", "resumes"):
                clients[f"python {interval_ms} {way}"] = await self.connect(tickerd)
                clients[f"node {interval_ms} {way}"] = await NodeClient.start(self, tickerd)
        began = time.monotonic()
        for name, client in clients.items():
            await client.subscribe("*", interval_ms=int(name.split()[1]))

        async def fed(messages):
            await self.counted(tickerd, "ticker_feed_messages_total", messages, feed="binance-usdm")
        await fed(BINANCE_MESSAGES * 2 // 5)
        leaving = {name: client for name, client in clients.items() if name.endswith("resumes")}
        for client in leaving.values():
            await client.cut()
        await fed(BINANCE_MESSAGES // 2)
        for name, client in leaving.items():
            await client.open()
            reply = await client.resume_from("*", interval_ms=int(name.split()[1]))
            self.assertTrue(reply["resumed"], name)

        async def held_by_service():
            return harness.values(await tickerd.tickers())
        await self.becomes(held_by_service, expected, "GET /v1/tickers is the recordings' last values", 90)
        served = await tickerd.tickers()
        states = {}
        for name, client in clients.items():
            async def held(client=client):
                entries = (await client.state())["held"]
                return harness.values(entries), harness.stale(entries)
            await self.becomes(held, (expected, harness.stale(served)), f"client '{name}' holds the same")
            states[name] = await client.state()
            self.assertEqual(states[name]["faults"], [], name)
            for symbol, entry in states[name]["held"].items():
                # Companions travel with other changes: they may lag, but never lead.
                for companion in harness.COMPANIONS:
                    self.assertLessEqual(entry.get(companion) or 0, served[symbol].get(companion) or 0, (name, symbol))
        elapsed_s = time.monotonic() - began
        for kind in ("python", "node"):
            often, seldom = (states[f"{kind} {interval} stays"]["frames"] for interval in (0, 1000))
            # A change of `stale` is due at once, whatever the interval: one for each instrument as its tape begins.
            self.assertLessEqual(seldom, elapsed_s + 2 + len(expected))
            self.assertGreaterEqual(often, seldom)


if __name__ == "__main__":
    harness.main(needs_recordings=True, needs_node=True)
