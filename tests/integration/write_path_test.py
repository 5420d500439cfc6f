"""How frames reach the kernel: as configured where that can be, told in the log and in a metric."""

import os
import sys

import harness

WITHOUT_IO_URING = [sys.executable, harness.HERE / "without_io_uring.py"]


class WritePath(harness.IntegrationTest):
    async def start_on(self, write_path, **options):
        return await self.start_tickerd([harness.simulator()], server={"shards": 2, "write_path": write_path}, **options)

    async def path_of(self, tickerd):
        metrics = await tickerd.metrics()
        paths = [labels["path"] for name, labels, value in metrics.samples if name == "ticker_write_path" and value == 1]
        self.assertEqual(len(paths), 2, "one a shard")
        self.assertEqual(len(set(paths)), 1, paths)
        return paths[0]

    async def serves(self, tickerd):
        client = await self.connect(tickerd)
        await client.subscribe("*", interval_ms=0)
        await client.until(lambda: client.frames > 20, "frames")

    def lines(self, tickerd):
        return [line for line in tickerd.program.err if "frames are written" in line]

    async def test_sendmsg_is_taken_when_asked_for(self):
        tickerd = await self.start_on("sendmsg")
        await self.serves(tickerd)
        self.assertEqual(await self.path_of(tickerd), "sendmsg")
        self.assertEqual(len(self.lines(tickerd)), 1, tickerd.program.tail())

    async def test_io_uring_is_taken_where_it_is_to_be_had(self):
        tickerd = await self.start_on("auto")
        await self.serves(tickerd)
        told = self.lines(tickerd)
        self.assertEqual(len(told), 1, told)
        if "not to be had" in told[0]:
            self.fail(told[0]) if os.environ.get("TICKER_REQUIRE_ALL") else self.skipTest(told[0])
        self.assertEqual(await self.path_of(tickerd), "io_uring")

    async def test_a_policy_against_io_uring_costs_one_line_and_no_client_anything(self):
        for write_path, level in (("auto", "info"), ("io_uring", "warn")):
            with self.subTest(write_path):
                tickerd = await self.start_on(write_path, under=WITHOUT_IO_URING)
                await self.serves(tickerd)
                self.assertEqual(await self.path_of(tickerd), "sendmsg")
                told = self.lines(tickerd)
                self.assertEqual(len(told), 1, told)
                self.assertIn(level, told[0].lower())
                self.assertRegex(told[0], "not to be had: (.*Operation not permitted|built without liburing)")


if __name__ == "__main__":
    harness.main()
