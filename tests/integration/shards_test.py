"""Two shards: whoever a client lands on, it sees the same state, and can go on elsewhere where it left off."""

import asyncio

import harness
import venues
from raw import RawSocket

CLIENTS = 8


class Shards(harness.IntegrationTest):
    async def start_two(self, scale):
        venues_here = [v for v in venues.VENUES if v.name != "coinbase"]
        sims = await venues.start_sims(self, venues_here, scale)
        self.expected = venues.expected(venues_here)
        return await self.start_tickerd([venues.feed(v, sim.url) for v, sim in sims], server={"shards": 2})

    async def connections(self, tickerd):
        metrics = await tickerd.metrics()
        return [metrics.sum("ticker_connections", shard=shard) for shard in ("0", "1")]

    async def connect_to(self, tickerd, shard):
        """A client on that shard: few are spread by chance, so it takes some attempts."""
        before = await self.connections(tickerd)
        for _ in range(64):
            client = await self.connect(tickerd)
            now = await self.connections(tickerd)
            if now[shard] > before[shard]:
                return client
            await client.close()
            async def gone():
                return await self.connections(tickerd) == before
            await harness.wait_until(gone, "the client is gone")
        self.fail(f"64 connections, and none came to shard {shard}")

    async def test_clients_of_both_shards_end_identical(self):
        tickerd = await self.start_two(scale=2)
        clients = [await self.connect_to(tickerd, shard) for shard in (0, 1) for _ in range(CLIENTS // 2)]
        for interval_ms, client in zip((0, 50, 200, 1000) * 2, clients):
            await client.subscribe("*", interval_ms=interval_ms)
        self.assertEqual(await self.connections(tickerd), [CLIENTS // 2] * 2)
        for client in clients:
            await self.becomes(lambda c=client: harness.values(c.held), self.expected, "the recordings' last values", 90)
        self.assertEqual(harness.values(await tickerd.tickers()), self.expected)

    async def test_a_thousand_connections_are_spread_evenly(self):
        tickerd = await self.start_tickerd([harness.simulator(updates_per_second=1)], server={"shards": 8})
        for _ in range(20):
            raws = await asyncio.gather(*(RawSocket.open(tickerd.port) for _ in range(50)))
            for raw in raws:
                self.addCleanup(raw.close)
            self.assertEqual(set(await asyncio.gather(*(raw.handshake() for raw in raws))), {101})
        await self.counted(tickerd, "ticker_connections", 1000)
        metrics = await tickerd.metrics()
        connections = [metrics.sum("ticker_connections", shard=str(shard)) for shard in range(8)]
        self.assertLessEqual(max(connections) / min(connections), 1.25, connections)

    async def test_a_client_resumes_on_the_other_shard(self):
        tickerd = await self.start_two(scale=2)
        client = await self.connect_to(tickerd, 0)
        await client.subscribe("*", interval_ms=0)
        await self.counted(tickerd, "ticker_feed_messages_total", 10_000, feed="binance-usdm")
        await client.close()
        other = await self.connect_to(tickerd, 1)
        # The state moves to the other connection, as a client library does on reconnect.
        other.held, other.versions, other.epoch = client.held, client.versions, client.epoch
        reply = await other.resume_from("*", interval_ms=0)
        self.assertTrue(reply["resumed"])
        await self.becomes(lambda: harness.values(other.held), self.expected, "the recordings' last values", 90)


if __name__ == "__main__":
    harness.main(needs_recordings=True)
