"""Peers that come in numbers, never read, never finish, vanish: what they cost is bounded, and nobody else feels it."""

import asyncio
import contextlib
import random

import harness
from attacker import CLOSE, PING, Attacker, cpu_seconds, frame, handshake

# Freed memory goes back at once, so that the resident size tells what is held.
SANITIZERS = {"ASAN_OPTIONS": "quarantine_size_mb=1:thread_local_quarantine_size_kb=64"}
# For one client the server may hold a request, in a buffer that grew to twice its size (128 KiB), a reply and the rest of a
# frame (256 KiB); rounded up.
HELD_FOR_ONE_KIB = 512
# A connection in its handshake: at most 16 kB of a head, usually far less.
HALF_OPEN_KIB = 32
ALLOCATOR_KIB = 16 * 1024
# A witness gets a frame every few milliseconds; the rest is for a busy machine.
LONGEST_GAP_S = 3.0 * harness.SLOWNESS
FRAGMENTS = frame(b"x", fin=False) + frame(b"x", opcode=0, fin=False) * 50_000 + frame(opcode=0, fin=False) * 50_000
FLOODS = {
    "10,000 subscribes": frame(b'{"op":"subscribe","symbols":["*"],"interval_ms":0}') * 10_000,
    "10,000 op:ping": frame(b'{"op":"ping","id":"%s"}' % (b"x" * 60)) * 10_000,
    "100,000 pings": frame(b"x" * 125, opcode=PING) * 100_000,
    "1,000 requests of 60 kB": frame(b'{"op":"ping","x":"%s"}' % (b"x" * 60_000)) * 1_000,
    "100,000 fragments of one message": FRAGMENTS,
    "a frame that never ends": frame(b"x" * 60_000, announced=65_536),
}


class HostileLoad(harness.IntegrationTest):
    async def start_with(self, **limits):
        self.tickerd = await self.start_tickerd([harness.simulator(instruments=50, updates_per_second=500)],
                                                limits={"requests_per_s": 0, **limits}, environment=SANITIZERS)
        self.witness = await self.connect(self.tickerd)
        await self.witness.subscribe("*", interval_ms=0)
        self.attackers = contextlib.ExitStack()
        self.addCleanup(self.attackers.close)

    def attacker(self, **options):
        return self.attackers.enter_context(Attacker(self.tickerd.port, **options))

    async def gauge(self, name):
        return (await self.tickerd.metrics()).sum(name)

    async def grown_kib(self, attack):
        """How much the server has grown after `attack` (run in a thread), during which the witness is served."""
        before = self.tickerd.program.resident_kib()
        self.witness.mark()
        await asyncio.to_thread(attack)
        frames = self.witness.frames
        await self.witness.until(lambda: self.witness.frames > frames + 5, "frames for the witness go on")
        self.assertLess(self.witness.longest_gap_s, LONGEST_GAP_S)
        return self.tickerd.program.resident_kib() - before

    async def assert_only_the_witness_is_left(self):
        for name, expected in (("ticker_connections", 1), ("ticker_subscriptions", 1), ("ticker_blocked_connections", 0),
                               ("ticker_held_bytes", 0)):
            await self.becomes(lambda name=name: self.gauge(name), expected, name)

    async def test_floods_from_clients_that_do_not_read_are_held_to_one_request_and_one_reply(self):
        await self.start_with()
        clients = 5
        for name, flood in FLOODS.items():
            with self.subTest(name):
                def attack(flood=flood):
                    for _ in range(clients):
                        attacker = self.attacker(receive_buffer=4096)
                        attacker.upgrade()
                        attacker.be_patient_for(0.5)
                        attacker.send(flood)
                self.assert_grown_less(await self.grown_kib(attack), clients * HELD_FOR_ONE_KIB + ALLOCATOR_KIB)
                self.assertLess(await self.gauge("ticker_held_bytes"), clients * HELD_FOR_ONE_KIB * 1024)
                self.attackers.close()
                await self.assert_only_the_witness_is_left()

    async def test_a_flood_beyond_the_rate_is_cut(self):
        # Far less than the slowest machine takes of the longest requests: one that took no more than it may, and heard nothing
        # once the patience of the attacker was over, would rightly call it silent (4003).
        await self.start_with(requests_per_s=1)
        for name, flood in FLOODS.items():
            if "fragments" in name or "never ends" in name:
                continue
            with self.subTest(name):
                attacker = self.attacker()
                attacker.upgrade()
                await asyncio.to_thread(attacker.send, flood)
                self.assertIn(await asyncio.to_thread(attacker.close_code), (4001, 1006))
        await self.counted(self.tickerd, "ticker_connections_closed_total", 4, code="4001")
        await self.assert_only_the_witness_is_left()

    async def test_connections_that_stay_in_their_handshake_cost_little_and_end(self):
        count, room = 1000, 1050
        await self.start_with(connections=room, handshake_ms=8000 * harness.SLOWNESS)
        half = handshake()[:-10]
        def attack():
            for _ in range(count):
                self.attacker().send(half)
        self.assert_grown_less(await self.grown_kib(attack), count * HALF_OPEN_KIB + ALLOCATOR_KIB)
        over = [self.attacker() for _ in range(200)]
        statuses = [await asyncio.to_thread(attacker.upgrade) for attacker in over[-100:]]
        self.assertEqual(statuses, [503] * 100)
        await self.counted(self.tickerd, "ticker_connections_refused_total", 150 - 1, reason="connections")
        async def has_room():
            return (await self.tickerd.get("/healthz")).status == 200
        await harness.wait_until(has_room, "their time is over, and others come in")
        self.assertFalse(self.witness.closed)

    async def test_without_room_for_more_it_answers_503_rests_and_recovers(self):
        config = self.write_config(harness.config([harness.simulator()]))
        program = await self.start("/bin/sh", "-c", f"ulimit -n 300 && exec {harness.binaries()}/tickerd --config {config}")
        metrics_port = int((await program.line(r"metrics http://\S+?:(\d+)/metrics"))[1])
        port = int((await program.line(r"listening http://\S+?:(\d+)"))[1])
        self.tickerd = harness.Tickerd(program, port, metrics_port)
        with contextlib.ExitStack() as attackers:
            crowd = [attackers.enter_context(Attacker(port)) for _ in range(400)]
            refused = [await asyncio.to_thread(attacker.answer) for attacker in crowd[-50:]]
            self.assertEqual({status for status, _ in refused}, {503})
            await self.counted(self.tickerd, "ticker_connections_refused_total", 150)
            self.assertEqual((await asyncio.to_thread(harness.fetch, metrics_port, "/healthz")).status, 200)
            before = cpu_seconds(program.pid)
            await asyncio.sleep(2)  # measured: what it runs while nobody asks for anything
            self.assertLess(cpu_seconds(program.pid) - before, 1.0, "seconds of CPU in two: it spins")
        async def answers():
            return (await self.tickerd.get("/healthz")).status == 200
        await harness.wait_until(answers, "it answers again")

    async def test_coming_and_going_in_any_state_leaves_nothing_behind(self):
        await self.start_with()
        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        choose = random.Random(seed)
        def churn(cycles):
            for _ in range(cycles):
                self.come_and_go(choose)
        await asyncio.to_thread(churn, 1500)  # the allocator has what it needs
        self.assert_grown_less(await self.grown_kib(lambda: churn(3500)), ALLOCATOR_KIB)
        await self.assert_only_the_witness_is_left()

    def come_and_go(self, choose):
        attacker = Attacker(self.tickerd.port, receive_buffer=choose.choice((None, 4096)))
        request = handshake()
        state = choose.randrange(6)
        if state == 0:
            attacker.send(request[:choose.randrange(len(request))])
        elif state == 1:
            attacker.send(request)
        else:
            attacker.upgrade()
        if state >= 3:
            attacker.send(frame(b'{"op":"subscribe","symbols":["*"],"interval_ms":0}')
                          + frame(b'{"op":"subscribe","channel":"trades","symbols":["*"]}'))
        if state == 4:
            attacker.send(frame(b"half a request")[:choose.randrange(1, 20)])
        if state == 5:
            next(attacker.frames())
            attacker.send(frame(b"\x03\xe8", opcode=CLOSE))
        if choose.random() < 0.5:
            attacker.reset()
        else:
            attacker.close()


if __name__ == "__main__":
    harness.main()
