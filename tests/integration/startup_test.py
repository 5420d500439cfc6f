"""What the real tickerd does with a bad start: one line a fault on standard error, exit code 2."""

import asyncio
import json
import os
import re
import signal
import socket

import harness

# A table of 1 GB made at once ends a sanitized process, whatever the machine has.
NO_HUGE_ALLOCATION = {"ASAN_OPTIONS": "max_allocation_size_mb=1000"}
GOOD = """\
server:
  listen: "127.0.0.1:0"
metrics:
  listen: "127.0.0.1:0"
feeds:
  - {name: demo, adapter: simulator, seed: 1, instruments: 2, updates_per_second: 1}
"""
FOUR_FAULTS = """\
server:
  listen: "127.0.0.1:0"
  shardz: 2
metrics:
  listen: 7
feeds:
  - {name: demo, adapter: simulator, seed: 1, instruments: -5}
  - {name: demo, adapter: simulator}
"""


class StartUp(harness.IntegrationTest):
    async def tickerd(self, *arguments):
        return await harness.run([harness.binaries() / "tickerd", *arguments])

    async def with_config(self, text, *arguments):
        return await self.tickerd("--config", self.write_config(text), *arguments)

    def assert_refused(self, program, *said):
        """Ended with 2 and one line that holds all of `said`."""
        self.assertEqual(program.exit_code, 2, program.tail())
        self.assertEqual(len(program.err), 1, program.err)
        self.assertEqual(program.out, [], "nothing listens")
        for text in said:
            self.assertIn(text, program.err[0])

    async def test_holds_every_limit_at_its_most_and_refuses_more(self):
        def limits(values):
            return self.write_config(harness.config([harness.simulator()], limits=values))
        unknown = await self.tickerd("--config", limits({"of_no_likeness": 1}))
        keys = re.search(r"expected one of (.*)$", unknown.err[0])[1].split(", ")
        refused = await self.tickerd("--config", limits({key: 10 ** 18 for key in keys}))
        self.assertEqual(refused.exit_code, 2, refused.tail())
        most = {key: int(number) for line in refused.err
                for key, number in re.findall(r"limits\.(\w+): expected .* to (\d+), got", line)}
        self.assertEqual(sorted(most), sorted(keys))
        started = await self.start_tickerd_with(limits(most), environment=NO_HUGE_ALLOCATION)
        self.assertEqual((await started.get("/healthz")).status, 200)

    async def test_a_port_of_another_tickerd_is_refused(self):
        running = await self.start_tickerd([harness.simulator()], server={"shards": 2})
        address = f"127.0.0.1:{running.port}"
        self.assert_refused(await self.with_config(GOOD.replace("127.0.0.1:0", address, 1)), address)
        self.assertEqual((await running.get("/healthz")).status, 200, "the first one goes on")

    async def test_a_port_of_any_other_listener_is_refused(self):
        for reuse in (False, True):
            with socket.socket() as other:
                if reuse:
                    other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                other.bind(("127.0.0.1", 0))
                other.listen()
                address = f"127.0.0.1:{other.getsockname()[1]}"
                for line in ("server", "metrics"):
                    with self.subTest(line, reuse=reuse):
                        config = GOOD.replace(f'{line}:\n  listen: "127.0.0.1:0"', f'{line}:\n  listen: "{address}"')
                        self.assert_refused(await self.with_config(config), address)

    async def test_a_port_that_was_just_left_is_taken_again(self):
        first = await self.start_tickerd([harness.simulator()])
        client = await self.connect(first)
        await client.subscribe("*")
        self.assertEqual(await first.program.stop(), 0)
        again = harness.config([harness.simulator()], {"listen": f"127.0.0.1:{first.port}"})
        second = await self.start_tickerd_with(self.write_config(again))
        self.assertEqual(second.port, first.port)

    async def test_a_file_that_cannot_be_read_is_one_line(self):
        missing = self.folder / "missing.yaml"
        self.assert_refused(await self.tickerd("--config", missing), str(missing))
        self.assert_refused(await self.tickerd("--config", self.folder), str(self.folder))
        if os.geteuid() != 0:
            secret = self.write_config(GOOD, "secret.yaml")
            secret.chmod(0)
            self.assert_refused(await self.tickerd("--config", secret), str(secret))

    async def test_broken_yaml_is_one_line(self):
        self.assert_refused(await self.with_config("server: {listen: ["), "ticker.yaml")

    async def test_every_fault_of_a_configuration_is_told_at_once_with_its_line(self):
        for more in ([], ["--check-config"]):
            program = await self.with_config(FOUR_FAULTS, *more)
            self.assertEqual(program.exit_code, 2)
            self.assertEqual(len(program.err), 4, program.err)
            for line, said in ((3, "shardz"), (5, "metrics.listen"), (7, "instruments"), (8, "demo")):
                self.assertTrue(any(f":{line}" in e and said in e for e in program.err), (line, said, program.err))

    async def test_symbols_that_a_venue_cannot_have_are_told_each_with_its_line(self):
        feed = 'feeds:\n  - name: spot\n    adapter: binance-spot\n    url: "ws://127.0.0.1:1"\n    symbols:\n'
        symbols = ["BTC-USDT-PERP", "BTC-USDT", "{symbol: ETH-USDT, native: BTCUSDT}", "BT-CUSDT"]
        config = feed + "".join(f"      - {symbol}\n" for symbol in symbols)
        for more in ([], ["--check-config"]):
            program = await self.with_config(config, *more)
            self.assertEqual(program.exit_code, 2)
            told = {line.split(":")[1]: line for line in program.err}
            self.assertEqual(list(told), ["6", "8", "9"], program.err)
            for line, path in (("6", "feeds[0].symbols[0]:"), ("8", "feeds[0].symbols[2].native:"), ("9", "feeds[0].symbols[3]:")):
                self.assertIn(path, told[line])

    async def test_a_good_configuration_is_checked_without_a_start(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            config = GOOD.replace("127.0.0.1:0", f"127.0.0.1:{other.getsockname()[1]}", 1)
            program = await self.with_config(config, "--check-config")
        self.assertEqual((program.exit_code, program.err), (0, []))

    async def test_a_reload_asked_for_while_it_starts_is_done_once_it_runs(self):
        path = self.folder / "ticker.yaml"
        os.mkfifo(path)  # whoever reads it waits for us
        program = await self.start(harness.binaries() / "tickerd", "--config", path)
        with await asyncio.to_thread(open, path, "w", encoding="utf-8") as fifo:
            program.signal(signal.SIGHUP)
            fifo.write(GOOD)
            os.replace(self.write_config(GOOD.replace("instruments: 2", "instruments: 3"), "other.yaml"), path)
        port = int((await program.line(r"listening http://\S+?:(\d+)"))[1])
        async def reloaded():
            return len(json.loads((await asyncio.to_thread(harness.fetch, port, "/v1/symbols")).body)["symbols"]) == 3
        await harness.wait_until(reloaded, "the instruments are those of the second file")

    async def test_an_address_for_everyone_needs_a_word_that_it_is_meant(self):
        self.assert_refused(await self.with_config(GOOD.replace("127.0.0.1:0", "0.0.0.0:0", 1)), "allow_anonymous")

    async def test_an_unknown_option_is_one_line(self):
        self.assert_refused(await self.with_config(GOOD, "--confg"), "--confg")
        sim = await harness.run([harness.binaries() / "exchange_sim", "--venu", "x"])
        self.assertEqual((sim.exit_code, len(sim.err)), (2, 1), sim.err)

    async def test_the_simulator_of_venues_refuses_bad_arguments_in_one_line(self):
        recording = self.folder / "none.raw.gz"
        common = ["--listen", "127.0.0.1:0"]
        for arguments, said in ((["--venue", "nyse", "--recording", recording], "nyse"),
                                (["--venue", "kraken-v1", "--recording", recording], str(recording))):
            sim = await harness.run([harness.binaries() / "exchange_sim", *arguments, *common])
            self.assert_refused(sim, said)


if __name__ == "__main__":
    harness.main()
