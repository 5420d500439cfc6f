"""Clients that stop reading for ten seconds and go on: they lose no state, and nobody else feels them."""

import asyncio

import harness
import venues
from node_client import NodeClient

STALL_S = 10
STALLED_CLIENTS = 20
# A server that queued what the stalled clients missed would hold several MB for each of them. A pulling one holds at most
# the rest of one frame each; what remains is the allocator's.
RESIDENT_GROWTH_KIB = 8 * 1024
# No witness may go longer without a frame: the tape itself pauses for less, the rest is for a busy machine.
LONGEST_GAP_S = 1.5
# Freed memory goes back at once, so that the resident size tells what is held.
SANITIZERS = {"ASAN_OPTIONS": "quarantine_size_mb=1:thread_local_quarantine_size_kb=64"}


class SlowReader(harness.IntegrationTest):
    async def test_clients_that_stop_reading_end_identical_and_are_felt_by_nobody(self):
        expected = venues.expected()
        sims = await venues.start_sims(self, scale=0.65)
        tickerd = await self.start_tickerd([venues.feed(v, sim.url) for v, sim in sims], environment=SANITIZERS)
        stalled = [await self.connect(tickerd, receive_buffer=4096) for _ in range(STALLED_CLIENTS)]
        stalled_node = await NodeClient.start(self, tickerd)
        witnesses = [await self.connect(tickerd) for _ in range(2)]
        for client in (*stalled, stalled_node, *witnesses):
            await client.subscribe("*", interval_ms=0)
        await self.counted(tickerd, "ticker_feed_messages_total", 10_000, feed="binance-usdm")

        for client in stalled:
            await client.pause()
        await stalled_node.pause()
        before_kib = tickerd.program.resident_kib()
        received_before = [w.received_bytes for w in witnesses]
        for witness in witnesses:
            witness.mark()
        highest_kib = await self.watch_memory(tickerd, STALL_S)
        gaps = [w.longest_gap_s for w in witnesses]
        missed = min(w.received_bytes - b for w, b in zip(witnesses, received_before))
        blocked = (await tickerd.metrics()).sum("ticker_blocked_connections")
        for client in stalled:
            await client.resume()
        await stalled_node.resume()

        self.assertGreaterEqual(blocked, STALLED_CLIENTS, "the stall was felt by the server")
        self.assertGreater(missed * STALLED_CLIENTS, 4 * RESIDENT_GROWTH_KIB * 1024, "enough was missed to tell")
        self.assertLess(highest_kib - before_kib, RESIDENT_GROWTH_KIB)
        self.assertLess(max(gaps), LONGEST_GAP_S)
        for client in (*stalled, stalled_node, *witnesses):
            async def held(client=client):
                entries = (await client.state())["held"]
                return harness.values(entries), set(harness.stale(entries).values())
            await self.becomes(held, (expected, {False}), "the client holds the last values of the recordings", 90)
        self.assertEqual(harness.values(await tickerd.tickers()), expected)

    async def watch_memory(self, tickerd, seconds):
        """The highest resident size seen in the next `seconds`."""
        highest = 0
        end = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < end:
            highest = max(highest, tickerd.program.resident_kib())
            await asyncio.sleep(0.2)
        return highest


if __name__ == "__main__":
    harness.main(needs_recordings=True, needs_node=True)
