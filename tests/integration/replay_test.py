"""Recordings replayed over the wire: the same frames as `tickerctl replay` prints, under the client's control, within limits."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import time

import harness

TREE = pathlib.Path(__file__).resolve().parents[2]
RECORDING = TREE / "tests/replay/simulator.rec.zst"  # six seconds of feed `sim`, the fourth of them without it
FIRST_US = 1_800_000_000_000_000
SECOND_US = 1_000_000


class Viewer(harness.Client):
    """Keeps each message as it came, since the latest answer about a replay: what came before that is of another one, or of the market."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.texts = []

    def _on_message(self, text):
        self.texts.append(text)
        super()._on_message(text)

    def _on_reply(self, message):
        super()._on_reply(message)
        if message["type"] in ("replaying", "error"):
            self.texts.clear()

    @contextlib.contextmanager
    def corked(self):
        """What is sent within leaves in one piece."""
        link = self._socket.transport.get_extra_info("socket")
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        yield
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)

    def replays(self):
        return [json.loads(text) for text in self.texts if text.startswith('{"type":"replay",')]

    async def until_state(self, state):
        await self.until(lambda: self.replays() and self.replays()[-1]["state"] == state, state)
        return self.replays()[-1]

    def since_epoch(self):
        """Frames of data of the latest epoch, if it began since then."""
        at = max((i for i, text in enumerate(self.texts) if text.startswith('{"type":"epoch"')), default=len(self.texts))
        return [text for text in self.texts[at + 1:] if text.startswith(('{"type":"snapshot"', '{"type":"delta"', '{"type":"trades"',
                                                                          '{"type":"gap"', '{"type":"status"'))]

    async def replay(self, recording="sim", **members):
        reply = await self.request({"op": "replay", "recording": recording, **members})
        if reply["type"] != "replaying":
            raise AssertionError(f"replay {recording} {members}: {reply}")
        return reply

    async def control(self, action, **members):
        return await self.request({"op": "replay_control", "action": action, **members})


class ReplayTest(harness.IntegrationTest):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.recordings = self.folder / "recordings"
        self.recordings.mkdir()
        shutil.copy(RECORDING, self.recordings / "sim.rec.zst")

    async def start_service(self, *, feeds=None, server=None, limits=None, **replay):
        self.config = {**harness.config(feeds or [harness.simulator("live", instruments=4)], server, limits),
                       "replay": {"folder": "recordings", **replay}}
        tickerd = await self.start_tickerd_with(self.write_config(self.config))
        await tickerd.ready()
        return tickerd

    async def come(self, tickerd, *symbols, query="", **members):
        client = Viewer(tickerd.url)
        self.clients.append(client)
        await client.open(query)
        if symbols:
            await client.subscribe(*symbols, **members)
        return client

    async def tickerctl(self, *arguments):
        ended = await harness.run([harness.binaries() / "tickerctl", *arguments])
        self.assertEqual(ended.exit_code, 0, ended.tail())
        return ended.out

    async def expected(self, *options):
        """What a client gets, but for the greeting and the answer to its subscription."""
        frames = await self.tickerctl("replay", self.recordings / "sim.rec.zst", *options)
        return frames[2:]


class Frames(ReplayTest):
    """The recording and the subscription alone make the frames."""

    async def test_are_those_that_tickerctl_prints_at_any_speed(self):
        tickerd = await self.start_service()
        client = await self.come(tickerd, "*", interval_ms=100, fields=["bid", "ask"])  # the service's first: number 0
        wanted = await self.expected("--interval", "100", "--fields", "bid,ask")
        self.assertGreater(len(wanted), 30)
        for speed in ("max", 20):
            replaying = await client.replay(speed=speed)
            self.assertEqual((replaying["recording"], replaying["from_us"], replaying["speed"]), ("sim", FIRST_US, speed))
            ended = await client.until_state("ended")
            self.assertNotIn("reason", ended)
            self.assertEqual(client.epoch, replaying["epoch"])
            self.assertEqual(client.since_epoch(), wanted, speed)
            await client.control("stop")

    async def test_of_trades_and_feeds_are_too(self):
        tickerd = await self.start_service()
        for channel in ("trades", "status"):
            client = await self.come(tickerd, "*", channel=channel)
            await client.replay(speed="max")
            await client.until_state("ended")
            self.assertEqual(client.since_epoch(), await self.expected("--channel", channel))
            await client.close()

    async def test_are_those_of_entries_that_stand_or_come_meanwhile(self):
        tickerd = await self.start_service()
        client = await self.come(tickerd)
        await client.replay(speed=0.1)
        reply = await client.subscribe("sim:BTC-USD", interval_ms=0)
        self.assertEqual((reply["epoch"], reply["count"]), (client.epoch, 1))
        await client.until(lambda: "sim:BTC-USD" in client.held, "the recording's instrument")
        self.assertEqual((await client.request({"op": "subscribe", "symbols": ["live:*", "live:X"]}))["count"], 0)
        pong = await client.request({"op": "ping"})
        self.assertTrue(FIRST_US <= pong["time_us"] < FIRST_US + 6 * SECOND_US, pong)
        self.assertEqual((await client.unsubscribe("live:*"))["type"], "unsubscribed")


class Control(ReplayTest):
    async def test_pauses_seeks_and_goes_on(self):
        tickerd = await self.start_service()
        client = await self.come(tickerd, "*", interval_ms=0)
        await client.replay(speed=2)
        await client.until(lambda: len(client.since_epoch()) > 10, "frames")
        self.assertEqual((await client.control("pause"))["type"], "replaying")
        paused = await client.until_state("paused")
        frames = client.frames
        self.assertEqual((await client.request({"op": "ping"}))["time_us"], paused["position_us"])
        self.assertEqual(client.frames, frames)

        # Back, and further on than it ever was: what is held is what came until then, and nothing else.
        for to_us in (FIRST_US + SECOND_US // 2, FIRST_US + 5 * SECOND_US):
            before = client.epoch
            reply = await client.control("seek", to_us=to_us)
            self.assertNotIn(reply["epoch"], (before, client.hello["epoch"]))
            await client.until(lambda: client.epoch == reply["epoch"] and client.held, "the state there")
            self.assertEqual((await client.until_state("paused"))["position_us"], to_us)
            other = await self.come(tickerd, "*")
            await other.replay(speed="max", to_us=to_us - 1)
            self.assertEqual((await other.until_state("ended"))["position_us"], to_us - 1)
            self.assertEqual(client.held, other.held)
            await other.close()

        self.assertEqual((await client.control("speed", speed="max"))["speed"], "max")
        self.assertEqual((await client.until_state("paused"))["position_us"], FIRST_US + 5 * SECOND_US)
        await client.control("resume")
        ended = await client.until_state("ended")
        self.assertGreater(ended["position_us"], FIRST_US + 5 * SECOND_US)
        self.assertEqual((await client.control("resume"))["type"], "replaying")
        await client.control("seek", to_us=0)
        await client.until(lambda: len(client.since_epoch()) > 100, "played again")
        self.assertEqual((await client.until_state("ended"))["position_us"], ended["position_us"])
        await client.control("seek", to_us=FIRST_US + 60 * SECOND_US)
        self.assertEqual((await client.until_state("ended"))["position_us"], ended["position_us"])

    async def test_serves_all_entries_wherever_it_stands(self):
        tickerd = await self.start_service(limits={"requests_per_s": 1000})
        client = await self.come(tickerd)
        lanes = [f"lane{number}" for number in range(client.hello["limits"]["lanes"])]
        for number, lane in enumerate(lanes):
            await client.subscribe("*" + "sim:BTC-USD"[number:], lane=lane, interval_ms=100)  # a text is in one lane only
        for channel in ("trades", "status"):
            await client.subscribe("*", channel=channel)
        await client.replay()
        await client.control("pause")
        for state, to_us in (("paused", FIRST_US + 2 * SECOND_US), ("ended", FIRST_US + 60 * SECOND_US)):
            reply = await client.control("seek", to_us=to_us)
            await client.until_state("paused")
            if state == "ended":
                await client.control("resume")
                await client.until_state("ended")
            await client.until(lambda: client.epoch == reply["epoch"] and set(client.versions) == set(lanes), "all lanes")
            self.assertEqual((await client.subscribe("sim:BTC-USD", lane=lanes[-1]))["count"], 1)
        self.assertEqual((await client.control("speed", speed=2))["speed"], 2)
        self.assertEqual((await client.control("stop"))["type"], "replaying")
        await client.until(lambda: client.epoch == client.hello["epoch"] and set(client.versions) == set(lanes), "the live market")

    async def test_goes_on_where_it_was_if_it_can_not_seek(self):
        tickerd = await self.start_service()
        client = await self.come(tickerd, "*")
        replaying = await client.replay(speed=0.1)
        await client.until(lambda: client.held, "the first state")
        (self.recordings / "sim.rec.zst").unlink()
        self.assertEqual((await client.control("seek", to_us=FIRST_US))["code"], "unknown_recording")
        self.assertEqual((await client.until_state("ended"))["reason"], "no recording sim")
        reply = await client.control("speed", speed=1)
        self.assertEqual((reply["epoch"], client.epoch), (replaying["epoch"], replaying["epoch"]))

    async def test_stops_before_the_next_request_is_taken(self):
        tickerd = await self.start_service(max_replays=1)
        client = await self.come(tickerd, "*", interval_ms=0)
        first = await client.replay(speed=0.1)
        with client.corked():
            await client.send({"op": "replay_control", "id": "stop", "action": "stop"})
            await client.send({"op": "replay", "id": "again", "recording": "sim", "speed": "max"})
        await client.until(lambda: "again" in client.replies, "both replies")
        self.assertEqual(client.replies["stop"]["type"], "replaying")
        self.assertEqual(client.replies["again"]["type"], "replaying", client.replies["again"])
        self.assertNotEqual(client.replies["again"]["epoch"], first["epoch"])
        await client.until_state("ended")
        self.assertEqual(client.epoch, client.replies["again"]["epoch"])

    async def test_stops_to_the_live_market(self):
        tickerd = await self.start_service()
        client = await self.come(tickerd, "*", interval_ms=0, fields=["bid"])
        await client.until(lambda: client.frames > 5, "live frames")
        live = client.epoch
        await client.replay(speed="max")
        await client.until_state("ended")
        self.assertEqual({symbol.split(":")[0] for symbol in client.held}, {"sim"})
        self.assertEqual((await client.control("stop"))["type"], "replaying")
        await client.until(lambda: client.epoch == live and len(client.held) == 4, "live snapshots")
        self.assertEqual({symbol.split(":")[0] for symbol in client.held}, {"live"})
        frames = client.frames
        await client.until(lambda: client.frames > frames + 20, "live deltas")
        self.assertEqual(set(client.held["live:BTC-USD"]) - {"stale", *harness.COMPANIONS}, {"bid"})
        self.assertEqual((await client.control("stop"))["code"], "not_replaying")
        await client.replay(speed="max")


class Limits(ReplayTest):
    async def test_are_those_of_the_configuration(self):
        tickerd = await self.start_service(max_replays=1)
        one = await self.come(tickerd, "*")
        two = await self.come(tickerd, "*")
        await one.replay()
        self.assertEqual((await one.request({"op": "replay", "recording": "sim"}))["code"], "too_many_replays")
        self.assertEqual((await two.request({"op": "replay", "recording": "sim"}))["code"], "too_many_replays")
        metrics = await tickerd.metrics()
        self.assertEqual(metrics.sum("ticker_replays"), 1)
        self.assertEqual(metrics.sum("ticker_replays_refused_total"), 1)
        # Whoever goes without a word makes room.
        await one.cut()
        await self.becomes(lambda: self.replays(tickerd), 0, "none is left")
        await two.replay(speed="max")
        await two.until_state("ended")
        self.assertGreater((await tickerd.metrics()).sum("ticker_replayed_changes_total"), 100)

        # A reload lets more come, and takes nothing from those who are there.
        self.config["replay"]["max_replays"] = 2
        self.write_config(self.config)
        tickerd.program.signal(signal.SIGHUP)
        await harness.wait_until(lambda: any("configuration reloaded" in line for line in tickerd.program.err), "the reload")
        three = await self.come(tickerd, "*")
        await three.replay(speed=0.1)
        self.assertEqual(await self.replays(tickerd), 2)
        # The end of the test stops the service with both of them running.

    async def replays(self, tickerd):
        return (await tickerd.metrics()).sum("ticker_replays")

    async def test_of_an_address_hold_over_its_connections(self):
        tickerd = await self.start_service(max_replays_per_address=1)
        one = await self.come(tickerd, "*")
        two = await self.come(tickerd, "*")
        await one.replay()
        refused = await two.request({"op": "replay", "recording": "sim"})
        self.assertEqual((refused["code"], refused["message"]), ("too_many_replays", "your address has as many replays as it may: stop one first"))
        self.assertEqual((await tickerd.metrics()).sum("ticker_replays_refused_total"), 1)
        await one.control("stop")
        await self.becomes(lambda: self.replays(tickerd), 0, "it is stopped")
        await two.replay()

    async def test_end_one_that_nobody_minds(self):
        tickerd = await self.start_service(idle_ms=3000)
        client = await self.come(tickerd, "*")
        for action, first_state in (("pause", "paused"), ("resume", "ended")):
            await client.replay(speed="max" if first_state == "ended" else 0.1)
            await client.until(lambda: client.held, "the recording")
            await client.control(action)
            await client.until(lambda: any(told["state"] == first_state for told in client.replays()), first_state)
            told = next(told for told in client.replays() if told["state"] == first_state)
            await client.until(lambda: "reason" in client.replays()[-1], "it is over")
            self.assertEqual(client.replays()[-1], {"type": "replay", "state": "ended", "position_us": told["position_us"],
                                                    "reason": "it was paused, or at its end, for too long"})
            await client.until(lambda: client.epoch == client.hello["epoch"] and len(client.held) == 4, "the live market")
            self.assertEqual((await client.control("resume"))["code"], "not_replaying")
            self.assertEqual(await self.replays(tickerd), 0)
        self.assertEqual((await tickerd.metrics()).sum("ticker_replays_idle_total"), 2)

    async def test_end_one_that_lasts_too_long(self):
        tickerd = await self.start_service(longest_ms=1500)
        client = await self.come(tickerd, "*")
        await client.replay(speed=0.1)
        await client.until(lambda: client.replays() and "reason" in client.replays()[-1], "it is over")
        self.assertEqual(client.replays()[-1]["reason"], "it took too long: its place is for others now")
        await client.until(lambda: client.epoch == client.hello["epoch"] and len(client.held) == 4, "the live market")
        self.assertEqual((await tickerd.metrics()).sum("ticker_replays_too_long_total"), 1)
        self.assertEqual(await self.replays(tickerd), 0)

    async def test_call_nobody_idle_who_asks_for_more_than_pings(self):
        for idle_s in (1, 3, 9):  # a machine that halts is too late with its request
            tickerd = await self.start_service(idle_ms=1000 * idle_s, limits={"requests_per_s": 0})
            client = await self.come(tickerd, "*")
            await client.replay(speed=0.1)
            await client.control("pause")

            async def pinged(condition):
                await client.request({"op": "ping"})
                return condition()
            began = time.monotonic()
            await harness.wait_until(lambda: pinged(lambda: time.monotonic() - began > idle_s / 2), "half of the time")
            asked = time.monotonic()
            await client.subscribe("*")
            await harness.wait_until(lambda: pinged(lambda: "reason" in (client.replays() or [{}])[-1]), "it is over")
            if time.monotonic() - asked >= idle_s:
                return
            await tickerd.program.stop()
        self.fail("what was subscribed to did not count")

    async def test_of_requests_hold_for_what_they_cost_a_replay(self):
        tickerd = await self.start_service()
        client = await self.come(tickerd)
        await client.replay(speed=0.1)
        with client.corked():  # in one read: the work is not forgotten before the next request is looked at
            await client.send({"op": "subscribe", "id": "patterns", "symbols": [f"*{number}" for number in range(800)]})  # as 40 requests
            await client.send({"op": "ping", "id": "ping"})
        await client.until(lambda: "ping" in client.replies, "both replies")
        self.assertEqual(client.replies["patterns"]["type"], "subscribed")
        self.assertEqual(client.replies["ping"]["code"], "rate_limited")

    async def test_hold_a_fast_replay_back(self):
        tickerd = await self.start_service(changes_per_s=100)
        client = await self.come(tickerd, "*", interval_ms=0)
        began = time.monotonic()
        await client.replay(speed="max")
        await client.until_state("ended")
        changes = (await tickerd.metrics()).sum("ticker_replayed_changes_total")
        self.assertGreater(changes, 150)
        self.assertGreater(time.monotonic() - began, changes / 100 - 0.5)


class NarrowLines(ReplayTest):
    async def test_get_everything_by_the_end(self):
        symbols = [f"S{number}USDT" for number in range(4000)]
        (self.folder / "wide.raw").write_text("".join(
            f'{FIRST_US + time}000 {{"stream":"s@bookTicker","data":{{"u":{time + 1},"s":"{symbol}","b":"{bid}","B":"1","a":"9","A":"1"}}}}\n'
            for time, bid in ((0, 1), (SECOND_US, 2), (2 * SECOND_US, 3)) for symbol in symbols))
        await self.tickerctl("convert", self.folder / "wide.raw", "--to", self.recordings / "wide.rec.zst", "--venue", "binance-spot")
        tickerd = await self.start_service()
        client = await self.come(tickerd, "*", max_kbit_per_s=1)  # for which each of the three rounds takes more than an hour
        await client.replay("wide", speed="max")
        await client.until_state("ended")
        self.assertEqual({entry.get("bid") for entry in client.held.values()}, {"3"})
        self.assertEqual(len(client.held), len(symbols))


class Recordings(ReplayTest):
    async def test_are_found_by_their_name_only(self):
        (self.folder / "secret.rec.zst").write_bytes(RECORDING.read_bytes())
        (self.recordings / "noise").write_bytes(bytes(range(256)) * 10)
        (self.recordings / "noise.rec.zst").write_bytes(bytes(range(256)) * 10)
        (self.recordings / "empty").mkdir()
        os.mkfifo(self.recordings / "pipe")
        tickerd = await self.start_service()
        client = await self.come(tickerd, "*")
        self.assertIs(client.hello["replay"], True)
        for name, code in (("../secret", "bad_request"), ("/etc/passwd", "bad_request"), (".", "bad_request"), ("nothing", "unknown_recording"),
                           ("secret", "unknown_recording"), ("empty", "unknown_recording"), ("pipe", "unknown_recording"),
                           ("noise", "bad_recording"), ("noise.rec.zst", "bad_recording")):
            reply = await client.request({"op": "replay", "recording": name})
            self.assertEqual(reply.get("code"), code, (name, reply))
            self.assertNotIn(str(self.folder), reply["message"])
        await client.replay("sim.rec.zst", speed="max")
        await client.until_state("ended")

    async def test_that_are_damaged_are_told_at_the_end(self):
        whole = RECORDING.read_bytes()
        (self.recordings / "cut.rec.zst").write_bytes(whole[:-200])
        tickerd = await self.start_service()
        client = await self.come(tickerd, "*")
        await client.replay("cut", speed="max")
        ended = await client.until_state("ended")
        self.assertIn("cut.rec.zst: damaged at byte", ended["reason"])
        self.assertNotIn(str(self.folder), ended["reason"])
        other = await self.come(tickerd, "*")
        await other.until(lambda: other.frames > 3, "live frames")

    async def test_lie_where_nobody_is_told(self):
        (self.recordings / "noise").write_bytes(bytes(range(256)) * 10)
        (self.recordings / "cut.rec.zst").write_bytes(RECORDING.read_bytes()[:-200])
        tickerd = await self.start_service(folder="recordings/")
        client = await self.come(tickerd, "*")
        refused = await client.request({"op": "replay", "recording": "noise"})
        self.assertEqual((refused["code"], refused["message"].split(":")[0]), ("bad_recording", "noise"))
        await client.replay("cut", speed="max")
        self.assertEqual((await client.until_state("ended"))["reason"].split(":")[0], "cut.rec.zst")

    async def test_are_not_offered_where_there_is_no_folder(self):
        tickerd = await self.start_tickerd([harness.simulator()])
        client = await self.come(tickerd, "*")
        self.assertNotIn("replay", client.hello)
        self.assertEqual((await client.request({"op": "replay", "recording": "sim"}))["code"], "unknown_op")


class Tokens(ReplayTest):
    """A token hides of recordings what it hides of the market."""

    async def start_with_tokens(self, **options):
        (self.folder / "secret").write_bytes(b"0123456789abcdef0123456789abcdef")
        return await self.start_service(server={"auth": {"secret_file": "secret", "skew_ms": 0}}, **options)

    async def mint(self, *options):
        return (await self.tickerctl("token", "--secret", self.folder / "secret", *options))[0]

    async def test_show_what_they_name_of_every_channel(self):
        tickerd = await self.start_with_tokens()
        token = await self.mint("--symbols", "sim:BTC-*")
        client = await self.come(tickerd, "*", "sim:ETH-USD", query=f"?token={token}", interval_ms=0)
        await client.subscribe("*", channel="trades")
        await client.subscribe("*", channel="status")
        await client.replay(speed="max")
        await client.until_state("ended")
        self.assertEqual(set(client.held), {"sim:BTC-USD"})
        told = "".join(client.texts)
        self.assertIn('"type":"trades"', told)
        self.assertNotIn("ETH", told)
        self.assertNotIn("SOL", told)

        # A recording that has nothing for it does not exist for it.
        other = await self.come(tickerd, "*", query=f"?token={await self.mint('--symbols', 'kraken:*')}")
        refused = await other.request({"op": "replay", "recording": "sim"})
        never_there = await other.request({"op": "replay", "recording": "mis"})
        self.assertEqual((refused["code"], refused["message"]), ("unknown_recording", "no recording sim"))
        self.assertEqual((never_there["code"], never_there["message"]), ("unknown_recording", "no recording mis"))

    async def test_hide_what_is_wrong_with_a_recording(self):
        (self.recordings / "noise").write_bytes(bytes(range(256)) * 10)
        (self.recordings / "cut.rec.zst").write_bytes(RECORDING.read_bytes()[:-200])
        tickerd = await self.start_with_tokens()
        client = await self.come(tickerd, "*", query=f"?token={await self.mint('--symbols', 'sim:BTC-*')}")
        refused = await client.request({"op": "replay", "recording": "noise"})
        self.assertEqual((refused["code"], refused["message"]), ("unknown_recording", "no recording noise"))
        await client.replay("cut", speed="max")
        self.assertEqual((await client.until_state("ended"))["reason"], "some of the recording could not be read")
        (self.recordings / "cut.rec.zst").write_bytes(bytes(range(256)) * 10)
        refused = await client.control("seek", to_us=FIRST_US)
        self.assertEqual((refused["code"], refused["message"]), ("bad_recording", "some of the recording could not be read"))
        self.assertEqual((await client.until_state("ended"))["reason"], "some of the recording could not be read")

        # Whoever sees everything is told.
        other = await self.come(tickerd, "*", query=f"?token={await self.mint()}")
        refused = await other.request({"op": "replay", "recording": "noise"})
        self.assertEqual((refused["code"], refused["message"].split(":")[0]), ("bad_recording", "noise"))

    async def test_that_are_renewed_count_from_then_on(self):
        tickerd = await self.start_with_tokens()
        client = await self.come(tickerd, "*", query=f"?token={await self.mint('--symbols', 'sim:BTC-*')}", interval_ms=0)
        await client.replay(speed=0.1)
        await client.until(lambda: client.held, "the first instrument")
        self.assertEqual(set(client.held), {"sim:BTC-USD"})
        renewed = await client.request({"op": "auth", "token": await self.mint("--symbols", "sim:ETH-*")})
        self.assertEqual(renewed["type"], "authenticated")
        await client.until(lambda: set(client.held) == {"sim:ETH-USD"}, "the other instrument")

    async def test_that_show_nothing_of_a_recording_end_its_replay(self):
        tickerd = await self.start_with_tokens()
        client = await self.come(tickerd, "*", query=f"?token={await self.mint('--symbols', 'sim:BTC-*,live:*')}", interval_ms=0)
        replaying = await client.replay(speed=2)
        await client.until(lambda: len(client.since_epoch()) > 5, "frames")
        client.texts.clear()
        # Both are in one read: the answer to the second tells no time of the recording any more.
        with client.corked():
            await client.send({"op": "auth", "id": "auth", "token": await self.mint("--symbols", "live:*")})
            await client.send({"op": "ping", "id": "ping"})
        await client.until(lambda: "ping" in client.replies, "both replies")
        self.assertEqual(client.replies["auth"]["type"], "authenticated")
        frames = [text for text in client.texts if text.startswith(('{"type":"epoch"', '{"type":"snapshot"', '{"type":"delta"'))]
        self.assertFalse([text for text in frames if replaying["epoch"] in text], "frames that tell how far it is")
        self.assertEqual(client.replays(), [{"type": "replay", "state": "ended", "position_us": replaying["from_us"],
                                             "reason": "your token does not let you see it"}])
        self.assertFalse(FIRST_US <= client.replies["ping"]["time_us"] < FIRST_US + 60 * SECOND_US, "a time of the recording")
        await client.until(lambda: client.epoch == client.hello["epoch"] and len(client.held) == 4, "the live market")
        self.assertEqual((await client.control("resume"))["code"], "not_replaying")
        await self.becomes(lambda: self.replays(tickerd), 0, "none is left")

    async def test_count_subscriptions_in_real_time(self):
        tickerd = await self.start_with_tokens(limits={"requests_per_s": 0})
        client = await self.come(tickerd, query=f"?token={await self.mint('--min-interval-ms', '1000')}")
        await client.replay(speed=0.1)
        await client.control("pause")

        async def answer():
            reply = await client.request({"op": "subscribe", "symbols": ["*"]})
            return reply.get("code", reply["type"])
        await self.becomes(answer, "rate_limited", "as many as may come together")
        await self.becomes(answer, "subscribed", "one more, though the recording's time stands")

    async def test_that_run_out_end_the_replay_with_the_connection(self):
        tickerd = await self.start_with_tokens()
        client = await self.come(tickerd, "*", query=f"?token={await self.mint('--expires-in', '2')}", interval_ms=0)
        await client.replay(speed=0.1)
        self.assertEqual(await client.until_closed(), 4501)
        await self.becomes(lambda: self.replays(tickerd), 0, "none is left")

    async def replays(self, tickerd):
        return (await tickerd.metrics()).sum("ticker_replays")


if __name__ == "__main__":
    harness.main()
