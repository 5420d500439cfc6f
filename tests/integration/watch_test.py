"""tickerctl watch against a real tickerd: the table as a terminal shows it, lines, frames, and how it ends."""

import asyncio
import fcntl
import json
import os
import pty
import re
import signal
import struct
import termios

import harness
import venues

TICKERCTL = harness.binaries() / "tickerctl"


class Screen:
    """A program on a terminal of our own; what the terminal shows."""

    def __init__(self, rows, columns):
        self.raw = ""
        self._ours, self._theirs = pty.openpty()
        self.resize(rows, columns)
        self.settings = termios.tcgetattr(self._theirs)

    async def run(self, *command):
        self.process = await asyncio.create_subprocess_exec(
            *map(str, command), stdin=self._theirs, stdout=self._theirs, stderr=asyncio.subprocess.PIPE,
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        asyncio.get_running_loop().add_reader(self._ours, self._read)

    def _read(self):
        self.raw += os.read(self._ours, 1 << 16).decode(errors="replace")

    def resize(self, rows, columns):
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text):
        os.write(self._ours, text.encode())

    def restored(self):
        """The terminal is as it was before: echo, line editing, cursor, first screen."""
        return (termios.tcgetattr(self._theirs) == self.settings and self.raw.endswith("\x1b[?25h\x1b[?1049l"))

    def picture(self):
        """The lines of the last whole picture, attributes as <n;n>."""
        pictures = self.raw.split("\x1b[H")[1:]
        whole = [p for p in pictures if "\x1b[J" in p]
        if not whole:
            return []
        text = whole[-1].split("\x1b[J")[0].replace("\x1b[K", "")
        # The terminal adds a CR to each LF.
        return [re.sub(r"\x1b\[([\d;]*)m", r"<\1>", line) for line in re.split(r"\r+\n", text)]

    def lines(self):
        """The same as a person reads it."""
        return [re.sub(r"<[\d;]*>", "", line) for line in self.picture()]

    async def close(self):
        asyncio.get_running_loop().remove_reader(self._ours)
        os.close(self._ours)
        os.close(self._theirs)


class Watch(harness.IntegrationTest):
    async def start_kraken(self):
        kraken = venues.venue("kraken")
        self.sim = await self.start_sim(kraken.adapter, harness.recording(kraken.recording), "--speed", "20")
        self.tickerd = await self.start_tickerd([venues.feed(kraken, self.sim.url)])
        async def held():
            return venues.of_tickers(await self.tickerd.tickers())
        await self.becomes(held, venues.expected_of_tickers(kraken), "the tape has ended")
        self.address = f"http://127.0.0.1:{self.tickerd.port}"

    async def on_screen(self, *arguments, rows=12, columns=120):
        screen = Screen(rows, columns)
        self.addAsyncCleanup(screen.close)
        await screen.run(TICKERCTL, "watch", *arguments)
        return screen

    async def shows(self, screen, words):
        await harness.wait_until(lambda: any(words in line for line in screen.lines()), f"the screen shows '{words}'")

    async def ends(self, screen):
        code = await asyncio.wait_for(screen.process.wait(), harness.PATIENCE_S)
        await harness.wait_until(screen.restored, "the terminal is given back")
        return code

    async def test_a_terminal_shows_a_live_table_and_is_given_back(self):
        await self.start_kraken()
        screen = await self.on_screen(self.address, "kraken:*")
        await self.shows(screen, "6 instruments")
        lines = screen.lines()
        self.assertIn("live", lines[0])
        self.assertEqual(lines[1].split()[:4], ["symbol", "bid", "bid_size", "ask"])
        self.assertEqual(next(line for line in lines if "XMR" in line).split()[:4],
                         ["kraken:XMR-USD", "353.81000000", "5.14412712", "354.38000000"])
        self.assertFalse(termios.tcgetattr(screen._theirs)[3] & termios.ECHO)
        screen.type("\x03")
        self.assertEqual(await self.ends(screen), 0)

    async def test_it_follows_the_size_of_the_terminal(self):
        await self.start_kraken()
        screen = await self.on_screen(self.address, "*")
        await self.shows(screen, "6 instruments")
        screen.resize(5, 40)
        await self.shows(screen, "4 more")
        self.assertEqual(len(screen.lines()), 5)
        self.assertLessEqual(max(map(len, screen.lines())), 40)
        screen.process.terminate()
        self.assertEqual(await self.ends(screen), 0)

    async def test_what_changes_stands_out_and_what_is_stale_is_dim(self):
        kraken = venues.venue("kraken")
        await self.start_kraken()
        sim = await self.start_tickerd([harness.simulator("demo", instruments=3, updates_per_second=20)])
        busy = await self.on_screen(sim.url, "demo:*")
        await harness.wait_until(lambda: any("<1;32>" in line or "<1;31>" in line for line in busy.picture()),
                                 "a changed cell stands out")
        screen = await self.on_screen(self.address, "kraken:*")
        await self.shows(screen, "6 instruments")
        self.assertFalse(any(line.startswith("<2>") for line in screen.picture()))
        await self.sim.kill()
        self.programs.remove(self.sim)
        await harness.wait_until(lambda: sum(line.startswith("<2>kraken:") for line in screen.picture()) == 6,
                                 "stale rows are dim")
        for each in (busy, screen):
            each.type("\x03")
            self.assertEqual(await self.ends(each), 0)

    async def test_it_comes_back_by_itself_after_a_restart(self):
        first = await self.start_tickerd([harness.simulator(instruments=3)])
        screen = await self.on_screen(first.url, "*")
        await self.shows(screen, "3 instruments")
        self.assertEqual(await first.program.stop(), 0)
        await self.shows(screen, "again in")
        again = harness.config([harness.simulator(instruments=4)], {"listen": f"127.0.0.1:{first.port}"})
        await self.start_tickerd_with(self.write_config(again))
        await self.shows(screen, "live  4 instruments")
        screen.type("\x03")
        self.assertEqual(await self.ends(screen), 0)

    async def test_json_prints_every_frame_as_it_came(self):
        await self.start_kraken()
        watch = await self.start(TICKERCTL, "watch", self.address, "kraken:XMR-*", "--json", "--fields", "bid,last",
                                 "--interval", "50")
        await watch.line('"type":"snapshot"')
        messages = [json.loads(line) for line in watch.out]
        self.assertEqual([m["type"] for m in messages[:3]], ["hello", "subscribed", "snapshot"])
        self.assertEqual((messages[1]["fields"], messages[1]["interval_ms"]), (["bid", "last"], 50))
        entry, = messages[2]["data"]
        self.assertEqual((entry["symbol"], entry["bid"], entry["last"]), ("kraken:XMR-USD", "353.81000000", "353.81000000"))
        watch.signal(signal.SIGINT)
        self.assertEqual(await watch.wait(), 0)

    async def test_without_a_terminal_it_prints_a_line_a_change(self):
        await self.start_kraken()
        watch = await self.start(TICKERCTL, "watch", self.address, "kraken:XMR-USD", "--fields", "bid,ask")
        line = await watch.line("kraken:XMR-USD")
        self.assertEqual(line.string, "kraken:XMR-USD bid=353.81000000 ask=354.38000000 stale=false")

    async def test_it_ends_quietly_when_nobody_reads_its_output(self):
        tickerd = await self.start_tickerd([harness.simulator()])
        shell = f"{TICKERCTL} watch {tickerd.url} '*' --json | head -n 5; echo ${{PIPESTATUS[0]}}"
        ended = await harness.run(["bash", "-c", shell])
        self.assertEqual((len(ended.out), ended.out[-1], ended.err), (6, "0", []))

    async def test_what_makes_no_sense_or_is_refused_is_one_line(self):
        tickerd = await self.start_tickerd([harness.simulator()])
        good = f"http://127.0.0.1:{tickerd.port}"
        for arguments, code, said in ((["nonsense", "x:Y"], 2, "nonsense"),
                                      ([good, "x:Y", "--fields", "nose"], 2, "nose"),
                                      ([good, "a*b*c*d*e*f"], 2, "a*b*c*d*e*f"),
                                      ([good], 2, "symbols"),
                                      ([good, "x:Y"], 1, "unknown_symbol"),
                                      ([good + "/v1/elsewhere", "x:Y"], 1, "404"),
                                      (["ws://127.0.0.1:1", "x:Y"], 1, "127.0.0.1:1")):
            with self.subTest(arguments):
                watch = await harness.run([TICKERCTL, "watch", *arguments])
                self.assertEqual((watch.exit_code, len(watch.err)), (code, 1), watch.err)
                self.assertIn(said, watch.err[0])
                self.assertEqual([line for line in watch.out if line], [])


if __name__ == "__main__":
    harness.main(needs_recordings=True)
