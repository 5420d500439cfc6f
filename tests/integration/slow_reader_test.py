"""Clients that stop reading for ten seconds and go on: they lose no state, and nobody else feels them."""

import time

import harness
import venues
from node_client import NodeClient
from raw import RawSocket

STALL_S = 10
INTERVAL_MS = 50
# Beside the clients that go on reading, so many that only stop, to make what is held for one add up.
STOPPED = 40
# Those whose sockets fill: the kernel may take all for Node's, whose receive buffer can't be set.
FULL = STOPPED + 1
# A server that queued what clients miss would grow by all of it. A pulling one holds for each at most the rest of one frame,
# from the moment on that its socket is full; what still grows is what a sanitized process grows by in its first seconds
# without any stalled client too: 5 MB were measured.
RESIDENT_GROWTH_KIB = 16 * 1024
# The stall lasts until so many times that was missed.
TELLING = 2
# The kernel takes 3 to 4 MB for a client that does not read. Snapshots of this many instruments, asked for so often, fill that
# at once, whatever the pace of the machine.
INSTRUMENTS = 300
SNAPSHOTS = 120
FILL = '{"op":"subscribe","symbols":["volume:*"],"interval_ms":%d}' % INTERVAL_MS
# No witness may go longer without a message. One that waited for a stalled client would wait for ten seconds; a busy machine
# with sanitizers alone makes it one.
LONGEST_GAP_S = 3 * harness.SLOWNESS
# Freed memory goes back at once, so that the resident size tells what is held.
SANITIZERS = {"ASAN_OPTIONS": "quarantine_size_mb=1:thread_local_quarantine_size_kb=64"}


class SlowReader(harness.IntegrationTest):
    async def test_clients_that_stop_reading_end_identical_and_are_felt_by_nobody(self):
        expected = venues.expected()
        sims = await venues.start_sims(self)
        feeds = [venues.feed(v, sim.url) for v, sim in sims]
        feeds.append(harness.simulator("volume", instruments=INSTRUMENTS, updates_per_second=800))
        # The ring of latest trades is another thing that grows, to its own bound: here that is small.
        tickerd = await self.start_tickerd(feeds, limits={"trades_ring": 1000, "requests_per_s": 0}, environment=SANITIZERS)
        stalled = [await self.connect(tickerd, receive_buffer=32768), await NodeClient.start(self, tickerd)]
        witnesses = [await self.connect(tickerd) for _ in range(2)]
        for client in (*stalled, *witnesses):
            await client.subscribe(*(f"{v.name}:*" for v in venues.VENUES), interval_ms=INTERVAL_MS)
        await self.counted(tickerd, "ticker_feed_messages_total", 5_000, feed="binance-usdm")

        await witnesses[0].subscribe("volume:*")
        for client in stalled:
            await client.pause()
            for _ in range(SNAPSHOTS):
                await client.send(FILL)
        for _ in range(STOPPED):
            await self.stopped_client(tickerd)
        await self.counted(tickerd, "ticker_blocked_connections", FULL)
        before_kib = tickerd.program.resident_kib()
        for witness in witnesses:
            witness.mark()
        highest_kib = await self.stall(tickerd, witnesses[0])
        blocked = (await tickerd.metrics()).sum("ticker_blocked_connections")
        gap_s = max(witness.longest_gap_s for witness in witnesses)
        for client in stalled:
            await client.resume()
        for client in (*stalled, witnesses[0]):
            await client.unsubscribe("volume:*")

        print(f"longest gap {gap_s:.2f} s")
        self.assertGreaterEqual(blocked, FULL)
        self.assert_grown_less(highest_kib - before_kib, RESIDENT_GROWTH_KIB)
        self.assertLess(gap_s, LONGEST_GAP_S)
        for client in (*stalled, *witnesses):
            async def recorded(client=client):
                held = (await client.state())["held"]
                entries = {symbol: held.get(symbol, {}) for symbol in expected}
                return harness.values(entries), set(harness.stale(entries).values())
            await self.becomes(recorded, (expected, {False}), "the client holds the recordings' last values",
                               2 * harness.PATIENCE_S)
        self.assertEqual((await stalled[-1].state())["faults"], [])
        tickers = harness.values(await tickerd.tickers())
        self.assertEqual({symbol: tickers[symbol] for symbol in expected}, expected)

    async def stopped_client(self, tickerd):
        raw = await RawSocket.open(tickerd.port)
        self.addCleanup(raw.close)
        self.assertEqual(await raw.handshake(), 101)
        for _ in range(SNAPSHOTS):
            await raw.send_text(FILL)

    async def stall(self, tickerd, witness):
        """Waits until enough was missed, ten seconds at least; the highest resident size meanwhile."""
        began = time.monotonic()
        before = witness.received_bytes
        highest = 0
        def missed():
            return (witness.received_bytes - before) * STOPPED
        def enough():
            nonlocal highest
            highest = max(highest, tickerd.program.resident_kib())
            return time.monotonic() - began > STALL_S and missed() > TELLING * RESIDENT_GROWTH_KIB * 1024
        await harness.wait_until(enough, "the stalled clients miss enough")
        return highest


if __name__ == "__main__":
    harness.main(needs_recordings=True, needs_node=True)
