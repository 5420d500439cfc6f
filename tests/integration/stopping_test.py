"""SIGTERM, once and twice, with and without clients."""

import errno
import os
import signal
import time

import harness


class Stopping(harness.IntegrationTest):
    async def test_without_clients_it_ends_within_a_second(self):
        tickerd = await self.start_tickerd([harness.simulator()], server={"shards": 2})
        await tickerd.ready()
        began = time.monotonic()
        self.assertEqual(await tickerd.program.stop(), 0)
        self.assertLess(time.monotonic() - began, 1.0)

    async def test_clients_are_told_when_to_come_back_and_closed_with_1012(self):
        tickerd = await self.start_tickerd([harness.simulator()], server={"shards": 2})
        clients = [await self.connect(tickerd) for _ in range(10)]
        for client in clients:
            await client.subscribe("*", interval_ms=0)
        began = time.monotonic()
        self.assertEqual(await tickerd.program.stop(), 0)
        self.assertLess(time.monotonic() - began, 5.0)
        for client in clients:
            self.assertEqual(await client.until_closed(), 1012)
            goodbye, = client.pushes["goodbye"]
            self.assertEqual(goodbye["reason"], "restart")
            self.assertGreaterEqual(goodbye["reconnect_in_ms"], 0)

    async def test_a_client_that_does_not_read_does_not_hold_it_up(self):
        tickerd = await self.start_tickerd([harness.simulator(instruments=100, updates_per_second=5000)])
        client = await self.connect(tickerd, receive_buffer=4096)
        await client.subscribe("*", interval_ms=0)
        await client.pause()
        await self.counted(tickerd, "ticker_blocked_connections")
        began = time.monotonic()
        self.assertEqual(await tickerd.program.stop(), 0)
        self.assertLess(time.monotonic() - began, 8.0)

    async def test_a_recording_that_can_not_be_read_does_not_hold_it_up(self):
        (self.folder / "held").mkdir()
        pipe = self.folder / "held/0.rec.zst"
        os.mkfifo(pipe)  # nobody writes to it: as on a disk that hangs
        settings = {**harness.config([harness.simulator()]), "replay": {"folder": "."}}
        tickerd = await self.start_tickerd_with(self.write_config(settings))
        client = await self.connect(tickerd)
        await client.send({"op": "replay", "recording": "held"})

        def is_being_read():
            try:
                self.addCleanup(os.close, os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
                return True
            except OSError as error:
                self.assertEqual(error.errno, errno.ENXIO)
                return False
        await harness.wait_until(is_being_read, "the recording is being read")
        began = time.monotonic()
        self.assertEqual(await tickerd.program.stop(), 0)
        self.assertLess(time.monotonic() - began, 8.0)

    async def test_readiness_ends_first_and_a_second_signal_ends_it_at_once(self):
        tickerd = await self.start_tickerd([harness.simulator()], server={"drain_delay_ms": 60_000})
        await tickerd.ready()
        client = await self.connect(tickerd)
        await client.subscribe("*")
        tickerd.program.signal(signal.SIGTERM)
        async def draining():
            return (await tickerd.get("/readyz")).status == 503
        await harness.wait_until(draining, "/readyz answers 503")
        self.assertIn(b"drain", (await tickerd.get("/readyz")).body)
        self.assertEqual((await tickerd.get("/healthz")).status, 200)
        self.assertFalse(client.closed, "clients are still served while load balancers turn away")
        began = time.monotonic()
        tickerd.program.signal(signal.SIGTERM)
        await tickerd.program.wait()
        self.assertLess(time.monotonic() - began, 2.0)


if __name__ == "__main__":
    harness.main()
