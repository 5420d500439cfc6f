"""Every limit of the configuration, reached through the real process, and the counter that tells of it."""

import asyncio
import time

import harness
from raw import RawSocket


class Limits(harness.IntegrationTest):
    async def start_with(self, *, server=None, **limits):
        self.tickerd = await self.start_tickerd([harness.simulator()], server=server, limits=limits)
        return self.tickerd

    async def told(self, text):
        """Waits for it in the log."""
        await harness.wait_until(lambda: any(text in line for line in self.tickerd.program.err), f"tickerd says '{text}'")

    async def raw(self):
        raw = await RawSocket.open(self.tickerd.port)
        self.addCleanup(raw.close)
        return raw

    async def refused_handshake(self, **options):
        """The status of a handshake that must not succeed; a cut socket counts as 503."""
        raw = await self.raw()
        try:
            return await raw.handshake(**options)
        except (asyncio.IncompleteReadError, ConnectionError):
            return 503

    async def test_connections_in_all(self):
        await self.start_with(connections=2)
        first, second = await self.connect(self.tickerd), await self.connect(self.tickerd)
        self.assertEqual(await self.refused_handshake(), 503)
        await self.counted(self.tickerd, "ticker_connections_refused_total", 1, reason="connections")
        await first.subscribe("*")
        await second.close()
        async def free_again():
            return await self.refused_handshake() == 101
        await harness.wait_until(free_again, "the place that one left is given to another")

    async def test_as_many_connections_as_descriptors_allow(self):
        self.tickerd = await self.start_tickerd([harness.simulator()], limits={"connections": 1000},
                                                under=["prlimit", "--nofile=64:64"])
        await self.told("64 descriptors make room for 32 connections, not for server.limits.connections: 1000")
        held = [await self.raw() for _ in range(32)]
        for raw in held:
            self.assertEqual(await raw.handshake(), 101)
        for _ in range(40):
            one_too_many = await self.raw()
            self.assertEqual(await one_too_many.handshake(), 503)
            one_too_many.close()
        await self.counted(self.tickerd, "ticker_connections_refused_total", 40, reason="connections")
        held.pop().close()
        async def free_again():
            return await self.refused_handshake() == 101
        await harness.wait_until(free_again, "the place that one left is given to another")

    async def test_those_who_are_refused_take_no_descriptor_that_the_service_needs(self):
        # Each shard tells some that they are too many, and waits for these to go; 8 of them took 512, more than was kept.
        self.tickerd = await self.start_tickerd([harness.simulator()], server={"shards": 8}, limits={"handshake_ms": 600_000},
                                                under=["prlimit", "--nofile=400:400"])
        await self.told("400 descriptors make room for 200 connections")
        for _ in range(200 + 300):
            await self.raw()  # says nothing, and stays
        await self.counted(self.tickerd, "ticker_connections_refused_total", 300, reason="connections")
        metrics = await self.tickerd.metrics()
        self.assertEqual(metrics.sum("ticker_connections_refused_total", reason="descriptors"), 0)

    async def test_the_descriptor_limit_is_raised_to_what_the_system_allows(self):
        self.tickerd = await self.start_tickerd([harness.simulator()], under=["prlimit", "--nofile=300:900"])
        await self.told("900 descriptors make room for 572 connections")

    async def test_connections_of_an_address(self):
        await self.start_with(connections_per_address=2)
        for _ in range(2):
            await self.connect(self.tickerd)
        self.assertEqual(await self.refused_handshake(), 429)
        await self.counted(self.tickerd, "ticker_connections_refused_total", 1, reason="connections_per_address")

    async def test_entries(self):
        await self.start_with(entries=3)
        client = await self.connect(self.tickerd)
        self.assertEqual(client.hello["limits"]["entries"], 3)
        await client.subscribe("a:*", "b:*", "c:*")
        reply = await client.request({"op": "subscribe", "symbols": ["d:*"]})
        self.assertEqual((reply["type"], reply["code"]), ("error", "too_many_entries"))
        await client.subscribe("a:*")  # the same text again replaces
        await self.counted(self.tickerd, "ticker_request_errors_total", 1, code="too_many_entries")

    async def test_lanes(self):
        await self.start_with(lanes=2)
        client = await self.connect(self.tickerd)
        await client.subscribe("demo:A*", lane="one")
        await client.subscribe("demo:*", lane="two")
        reply = await client.request({"op": "subscribe", "symbols": ["demo:B*"], "lane": "three"})
        self.assertEqual((reply["type"], reply["code"]), ("error", "too_many_lanes"))
        await self.counted(self.tickerd, "ticker_request_errors_total", 1, code="too_many_lanes")

    async def test_size_of_a_request(self):
        await self.start_with(request_bytes=1024)
        client = await self.connect(self.tickerd)
        self.assertEqual(client.hello["limits"]["request_bytes"], 1024)
        exact = '{"op":"ping","id":1,"padding":"%s"}'
        await client.send(exact % ("x" * (1024 - len(exact % ""))))
        await client.until(lambda: 1 in client.replies, "pong to a request of just that size")
        await client.send(exact % ("x" * 1024))
        self.assertEqual(await client.until_closed(), 1009)
        await self.counted(self.tickerd, "ticker_connections_closed_total", 1, code="1009")

    async def test_trades_kept_for_those_who_come_back(self):
        await self.start_with(trades_ring=10)
        client = await self.connect(self.tickerd)
        await client.subscribe("*", channel="trades")
        await client.until(lambda: client.pushes["trades"], "trades")
        await client.cut()
        version = client.pushes["trades"][-1]["version"]
        watcher = await self.connect(self.tickerd)
        await watcher.subscribe("*", channel="trades")
        await watcher.until(lambda: sum(len(push["data"]) for push in watcher.pushes["trades"]) > 100, "more than the ring holds")

        await client.open()
        await client.subscribe("*", channel="trades", since={"epoch": client.epoch, "version": version})

        await client.until(lambda: client.pushes["gap"], "a gap")
        gap = client.pushes["gap"][0]
        self.assertEqual((gap["source"], gap["from_seq"], gap["missed"]), ("client", 0, None), "nobody knows any more")
        await self.counted(self.tickerd, "ticker_trade_gaps_total", 1)

    async def test_rate_of_requests(self):
        await self.start_with(requests_per_s=5)
        client = await self.connect(self.tickerd)
        replies = await asyncio.gather(*(client.request({"op": "ping"}) for _ in range(20)))
        self.assertEqual({reply.get("code") for reply in replies if reply["type"] == "error"}, {"rate_limited"})
        self.assertIn("pong", [reply["type"] for reply in replies])
        self.assertFalse(client.closed, "an error never closes")
        await self.counted(self.tickerd, "ticker_request_errors_total", 1, code="rate_limited")

    async def test_a_flood_of_pings_is_cut(self):
        await self.start_with(requests_per_s=5)
        client = await self.connect(self.tickerd)
        async def flood():
            try:
                await client.ping()
            except Exception:  # the library's word for a closed connection
                pass
            return client.closed
        await harness.wait_until(flood, "the server closes")
        self.assertIn(client.close_code, (4001, 1006))
        await self.counted(self.tickerd, "ticker_connections_closed_total", 1, code="4001")

    async def test_time_for_the_handshake(self):
        await self.start_with(handshake_ms=500)
        silent, halfway = await self.raw(), await self.raw()
        await halfway.send(b"GET /v1/stream HTTP/1.1\r\nHost: x\r\n")
        began = time.monotonic()
        await silent.end()
        await halfway.end()
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual((await self.tickerd.get("/healthz")).status, 200)

    async def test_a_silent_client_is_closed_and_one_that_answers_pings_is_not(self):
        await self.start_with(server={"silent_ms": 1500})
        answering = await self.connect(self.tickerd)
        mute = await self.raw()
        self.assertEqual(await mute.handshake(), 101)
        self.assertEqual(await mute.close_code(), 4003)
        await self.counted(self.tickerd, "ticker_connections_closed_total", 1, code="4003")
        self.assertFalse(answering.closed)
        self.assertEqual((await answering.request({"op": "ping"}))["type"], "pong")

    async def test_a_client_whose_socket_takes_nothing_is_cut(self):
        self.tickerd = await self.start_tickerd([harness.simulator(instruments=100, updates_per_second=5000)],
                                                server={"no_progress_ms": 1000})
        stuck = await self.connect(self.tickerd, receive_buffer=4096)
        reading = await self.connect(self.tickerd)
        for client in (stuck, reading):
            await client.subscribe("*", interval_ms=0)
        await stuck.pause()
        await self.counted(self.tickerd, "ticker_connections_closed_total", 1, code="4000")
        await stuck.resume()
        self.assertIn(await stuck.until_closed(), (4000, 1006))
        self.assertFalse(reading.closed)

    async def test_only_subprotocols_that_it_does_not_know_are_refused(self):
        await self.start_with()
        self.assertEqual(await self.refused_handshake(subprotocols="ticker.v9.cbor, chat"), 400)
        await self.counted(self.tickerd, "ticker_connections_refused_total", 1, reason="subprotocol")
        for offered, chosen in (((), None), (("ticker.v1.json",), "ticker.v1.json"),
                                (("ticker.v9.cbor", "ticker.v1.json"), "ticker.v1.json")):
            client = await self.connect(self.tickerd, subprotocols=offered)
            self.assertEqual(client.subprotocol, chosen)

    async def test_a_frame_never_passes_its_limit_and_a_pass_makes_it_whole(self):
        self.tickerd = await self.start_tickerd([harness.simulator(instruments=500)], limits={"frame_bytes": 4096})
        client = await self.connect(self.tickerd)
        self.assertEqual(client.hello["limits"]["frame_bytes"], 4096)
        await client.subscribe("*")
        await client.until(lambda: len(client.held) == 500 and client.versions, "the pass is complete")
        self.assertGreater(client.frames, 5)


if __name__ == "__main__":
    harness.main()
