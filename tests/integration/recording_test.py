"""What a feed hears is recorded byte for byte, whatever happens to the process or the disk meanwhile."""

import asyncio
import gzip
import json
import random
import re
import signal
import time

import harness
import json_venues

TAPE = "binance_spot_btcusdt_20240808"
SYMBOL = {"symbol": "BTC-USDT", "native": "BTCUSDT"}
CHANNELS = (b"@bookTicker", b"@trade")


def lines(path):
    """[(receive time in ns, message)] of a .raw.gz."""
    with gzip.open(path, "rb") as file:
        return [(int(time_ns), message) for time_ns, message in (line.rstrip(b"\n").split(b" ", 1) for line in file)]


def subscribed(messages):
    """Those of the channels that a feed subscribes, without acknowledgements."""
    return [m for m in messages if (match := re.match(rb'\{"stream":"[^"@]*(@\w+)', m)) and match[1] in CHANNELS]


def trade(number):
    return (b'{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256322,"T":1723161256322,"s":"BTCUSDT","t":%d,"p":"61800.%02d",'
            b'"q":"0.006","m":false}}' % (number, number % 100))


class SteadyVenue(json_venues.Venue):
    """Sends each who subscribes trade 1, 2, … one each 2 ms, and keeps when, by the path of its URL."""

    def __init__(self):
        super().__init__()
        self.sent = {}
        self._tasks = []

    async def answer(self, socket, request):
        await socket.send(json.dumps({"result": None, "id": request["id"]}))
        self._tasks.append(asyncio.ensure_future(self._trade(socket, self.sent.setdefault(socket.path, []))))

    async def _trade(self, socket, sent):
        while socket.open:
            await socket.send(trade(len(sent) + 1).decode())
            sent.append(time.monotonic())
            await asyncio.sleep(0.002)

    async def close(self):
        await super().close()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class RecordingTest(harness.IntegrationTest):
    """Starts the venue, and reads what was recorded of it."""

    async def start_venue(self, *options):
        self.tape = harness.recording(TAPE)
        self.expected = subscribed([message for _, message in lines(self.tape)])
        return await self.start_sim("binance-spot", self.tape, *options)

    def feed(self, sim, **others):
        return {"name": "venue", "adapter": "binance-spot", "url": sim.url, "symbols": [SYMBOL], "record": True, **others}

    def settings(self, sim, recording=None, **feed):
        return {**harness.config([self.feed(sim, **feed)]), "recording": {"folder": "tapes", **(recording or {})}}

    async def record(self, sim, recording=None, **options):
        return await self.start_tickerd_with(self.write_config(self.settings(sim, recording)), **options)

    async def tickerctl(self, *arguments):
        return await harness.run([harness.binaries() / "tickerctl", *arguments])

    async def recorded(self, name="lines"):
        """[(receive time, message)] of what stands in the feed's folder."""
        to = self.folder / f"{name}.raw.gz"
        converted = await self.tickerctl("convert", self.folder / "tapes/venue", "--to", to)
        self.assertIn(converted.exit_code, (0, 1), converted.tail())
        return lines(to)


class Service(RecordingTest):
    async def test_recorded_is_what_the_venue_sent(self):
        sim = await self.start_venue("--speed", "max")
        # Small segments, so that many make up the whole.
        tickerd = await self.record(sim, {"segment_bytes": 65_536, "keep_bytes": 0})
        await self.counted(tickerd, "ticker_feed_messages_total", len(self.expected), feed="venue")
        self.assertEqual(await tickerd.program.stop(), 0)

        received = await self.recorded()
        self.assertEqual(subscribed([message for _, message in received]), self.expected)
        self.assertEqual(received, sorted(received, key=lambda line: line[0]))
        self.assertLess(abs(received[-1][0] - time.time_ns()), 60e9)
        segments = sorted((self.folder / "tapes/venue").iterdir())
        self.assertGreater(len(segments), 3)
        inspected = await self.tickerctl("inspect", self.folder / "tapes/venue")
        self.assertEqual(inspected.exit_code, 0, inspected.tail())
        report = "\n".join(inspected.out)
        for line in ("connected    1", "sent         1", "disconnected 1", "venue        binance-spot", "cut          none",
                     "damage       none", "instrument   BTCUSDT: 28040 quotes"):
            self.assertIn(line, report)

    async def test_a_killed_service_leaves_all_but_the_last_second(self):
        sim = await self.start_venue("--speed", "20")
        tickerd = await self.record(sim)
        await self.counted(tickerd, "ticker_feed_messages_total", 3_000, feed="venue")
        await self.counted(tickerd, "ticker_recording_written_bytes_total", 1, feed="venue")
        heard = int((await tickerd.metrics()).sum("ticker_feed_messages_total", feed="venue"))
        # Of what was heard by now, all must be there: the process lives for longer than what it may lose.
        later = time.monotonic() + 1
        await harness.wait_until(lambda: time.monotonic() >= later, "a second has passed")
        await tickerd.program.kill()

        received = await self.recorded()
        self.assertGreaterEqual(len(received), heard)
        messages = subscribed([message for _, message in received])
        self.assertEqual(messages, self.expected[:len(messages)])
        report = "\n".join((await self.tickerctl("inspect", self.folder / "tapes/venue")).out)
        self.assertRegex(report, r"cut          \S+\.rec\.zst: has no end: it is being written, or up to a second is missing after")

    async def test_a_full_disk_disturbs_nobody(self):
        sim = await self.start_venue("--speed", "max")
        tickerd = await self.record(sim, {"buffer_bytes": 1 << 20}, under=("prlimit", "--fsize=100000"))
        await self.counted(tickerd, "ticker_feed_messages_total", len(self.expected), feed="venue")
        await self.counted(tickerd, "ticker_recording_write_errors_total", 2, feed="venue")
        scrape = await tickerd.metrics()
        dropped = int(scrape.sum("ticker_recording_dropped_total", feed="venue"))
        self.assertGreater(dropped, 0)
        self.assertEqual(scrape.sum("ticker_feed_state", feed="venue"), 3)
        told = [line for line in tickerd.program.err if "File too large" in line]
        self.assertEqual(len(told), 1, told)
        self.assertEqual(await tickerd.program.stop(), 0)
        messages = subscribed([message for _, message in await self.recorded()])
        self.assertGreater(len(messages), 100)
        # In order; and what is not there is told, also where the venue was faster than the buffer is emptied.
        place = -1
        for message in messages:
            place = self.expected.index(message, place + 1)
        report = "\n".join((await self.tickerctl("inspect", self.folder / "tapes/venue")).out)
        told = sum(int(count) for count in re.findall(r'(\d+) messages were not recorded', report))
        self.assertLessEqual(place + 1 - len(messages), told)

    async def test_recording_is_switched_by_a_reload(self):
        sim = await self.start_venue("--speed", "2", "--loop")
        tickerd = await self.start_tickerd_with(self.write_config(self.settings(sim, record=False)))
        folder = self.folder / "tapes/venue"
        await self.counted(tickerd, "ticker_feed_messages_total", 10, feed="venue")
        self.assertFalse(folder.exists())
        self.write_config(self.settings(sim))
        tickerd.program.signal(signal.SIGHUP)
        await self.counted(tickerd, "ticker_recording_written_bytes_total", 1, feed="venue")
        # Elsewhere, and then off: what began is ended.
        self.write_config(self.settings(sim, {"folder": "others"}))
        tickerd.program.signal(signal.SIGHUP)
        await harness.wait_until(lambda: (self.folder / "others/venue").exists(), "it goes on in the other folder")
        self.write_config(self.settings(sim, record=False))
        tickerd.program.signal(signal.SIGHUP)
        for folder in ("tapes", "others"):
            async def ended(folder=folder):
                inspected = await self.tickerctl("inspect", self.folder / folder / "venue")
                return "cut          none" in inspected.out
            await harness.wait_until(ended, f"the segment in {folder} is ended")


class Described(RecordingTest):
    """A venue that the configuration describes: its recording alone says how it is to be read."""

    async def test_plays_as_it_was_served(self):
        tape = harness.ROOT / "tests/replay/simulator.rec.zst"
        self.assertEqual((await self.tickerctl("convert", tape, "--to", self.folder / "tape.raw.gz")).exit_code, 0)
        streams = [f"{native}@{kind}" for native in ("btcusd", "ethusd") for kind in ("bookTicker", "trade")]
        expected = [m for _, m in lines(self.folder / "tape.raw.gz") if json.loads(m)["stream"] in streams]
        sim = await self.start_sim("binance-spot", tape, "--speed", "max")
        settings = {**harness.config([{
            "name": "venue", "adapter": "json-websocket", "url": f"{sim.url}/stream", "record": True,
            "native_form": "{base}{quote}", "symbols": ["BTC-USD", "ETH-USD"],
            "subscribe": [json.dumps({"method": "SUBSCRIBE", "params": streams, "id": 1})], "messages": [
                {"match": {"/stream": "*@bookTicker"}, "symbol": "/data/s",
                 "fields": {"bid": "/data/b", "bid_size": "/data/B", "ask": "/data/a", "ask_size": "/data/A"}},
                {"match": {"/stream": "*@trade"}, "symbol": "/data/s", "time": "/data/T", "trade": {
                    "price": "/data/p", "size": "/data/q", "side": "/data/m", "buy": "false", "sell": "true", "id": "/data/t"}},
                {"means": "ignored"}]}]), "recording": {"folder": "tapes"}}
        tickerd = await self.start_tickerd_with(self.write_config(settings))
        served = {"venue:BTC-USD": {}, "venue:ETH-USD": {}}
        for data in (json.loads(message)["data"] for message in expected):
            served[f"venue:{data['s'][:3]}-USD"].update(
                {"bid": data["b"], "bid_size": data["B"], "ask": data["a"], "ask_size": data["A"]} if "b" in data else
                {"last": data["p"], "last_size": data["q"], "last_side": "sell" if data["m"] else "buy"})

        async def held():
            return harness.values(await tickerd.tickers())
        await self.becomes(held, served, "the tape's last values")
        await self.counted(tickerd, "ticker_feed_messages_total", len(expected) + 1, feed="venue")  # an answer too
        self.assertEqual(await tickerd.program.stop(), 0)

        recording = self.folder / "tapes/venue"
        frames = [(await self.tickerctl("replay", recording, "--interval", "0")).out for _ in range(2)]
        self.assertGreater(len(frames[0]), len(expected) // 2)
        self.assertEqual(frames[0], frames[1])
        final = json.loads("\n".join((await self.tickerctl("replay", recording, "--output", "final")).out))
        self.assertEqual(harness.values({entry["symbol"]: entry for entry in final["data"]}), served)
        inspected = await self.tickerctl("inspect", recording)
        self.assertEqual(inspected.exit_code, 0, inspected.tail())
        self.assertIn("venue        json-websocket", inspected.out)
        normalized = await self.tickerctl("normalize", recording)
        self.assertEqual(normalized.exit_code, 0, normalized.tail())
        self.assertEqual(len(normalized.out), len(expected))

        settings["feeds"] = [{"name": "venue", "adapter": "recording", "recordings": [{"path": "tapes/venue"}], "speed": "max"}]
        settings["replay"] = {"folder": "tapes"}
        tickerd = await self.start_tickerd_with(self.write_config(settings))
        await self.becomes(held, served, "the recording as a feed")
        client = await self.connect(tickerd)
        await client.subscribe("venue:*", interval_ms=0)
        reply = await client.request({"op": "replay", "recording": "venue", "speed": "max"})
        self.assertEqual(reply["type"], "replaying")
        await self.becomes(lambda: harness.values(client.held), served, "the recording over the wire")


class Tickerctl(RecordingTest):
    async def test_records_a_venue_without_a_service(self):
        sim = await self.start_venue("--speed", "max")
        file = self.folder / "venue.rec.zst"
        recorder = await self.start(harness.binaries() / "tickerctl", "record", sim.url, "BTC-USDT=BTCUSDT",
                                    "--venue", "binance-spot", "--to", file)
        async def complete():
            if not file.exists():
                return False
            inspected = await self.tickerctl("inspect", file)
            return any(line.startswith("instrument   BTCUSDT: 28040 quotes, 9757") for line in inspected.out)
        await harness.wait_until(complete, "all of the tape is in the file, which can be read meanwhile")
        recorder.signal(signal.SIGINT)
        self.assertEqual(await recorder.wait(), 0, recorder.tail())
        to = self.folder / "venue.raw.gz"
        self.assertEqual((await self.tickerctl("convert", file, "--to", to)).exit_code, 0)
        self.assertEqual(subscribed([message for _, message in lines(to)]), self.expected)

    async def test_a_killed_recorder_leaves_all_but_the_last_second(self):
        venue = await SteadyVenue().start()
        self.addAsyncCleanup(venue.close)
        async def killed(number):
            file = self.folder / f"{number}.rec.zst"
            recorder = await self.start(harness.binaries() / "tickerctl", "record", f"ws://{venue.authority}/{number}", "BTC-USDT",
                                        "--venue", "binance-spot", "--to", file)
            sent = await harness.wait_until(lambda: venue.sent.get(f"/{number}/stream"), "it has subscribed")
            kill_at = sent[0] + random.Random(number).uniform(1, 2.5)
            await harness.wait_until(lambda: time.monotonic() >= kill_at, "the moment of its end has come")
            killed_at = time.monotonic()
            sent = list(sent)
            await recorder.kill()
            # Where the machine halts, the venue is late too: by so much the recorder may be.
            late = max(after - before for before, after in zip(sent, [*sent[1:], killed_at]))
            return file, sum(at <= killed_at - 1 - late for at in sent)

        for file, must_be_there in await asyncio.gather(*map(killed, range(4))):
            with self.subTest(file=file.name):
                to = file.with_suffix(".raw.gz")
                self.assertIn((await self.tickerctl("convert", file, "--to", to)).exit_code, (0, 1))
                messages = subscribed([message for _, message in lines(to)])
                self.assertEqual(messages, [trade(number) for number in range(1, len(messages) + 1)])
                self.assertGreaterEqual(len(messages), must_be_there)
                report = "\n".join((await self.tickerctl("inspect", file)).out)
                self.assertIn(f"instrument   BTCUSDT: 0 quotes, {len(messages)} trades", report)
                self.assertIn(f"cut          {file.name}: has no end", report)


if __name__ == "__main__":
    harness.main(needs_recordings=True)
