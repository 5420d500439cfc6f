"""What Prometheus scrapes from the real tickerd: DESIGN part 7."""

import asyncio
import shutil

import harness

FAMILIES = {
    "ticker_feed_messages_total", "ticker_feed_bytes_total", "ticker_feed_reconnects_total", "ticker_feed_state",
    "ticker_feed_handovers_total", "ticker_feed_handover_gap_seconds_total",
    "ticker_feed_last_message_timestamp_seconds", "ticker_feed_rejected_total", "ticker_feed_skipped_total",
    "ticker_feed_clock_skew_total", "ticker_feed_trade_gaps_total", "ticker_latency_seconds", "ticker_connections", "ticker_connections_opened_total",
    "ticker_connections_closed_total", "ticker_connections_refused_total", "ticker_subscriptions",
    "ticker_frames_sent_total", "ticker_updates_sent_total", "ticker_updates_merged_total", "ticker_sent_bytes_total",
    "ticker_blocked_connections", "ticker_held_bytes", "ticker_flush_seconds", "ticker_write_path", "ticker_shard_inbox_bytes",
    "ticker_shard_resyncs_total", "ticker_requests_total", "ticker_request_errors_total", "ticker_http_requests_total",
    "ticker_build_info", "process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds",
    "process_max_fds",
}
STAGES = ("exchange_to_receive", "receive_to_publish", "publish_to_write", "receive_to_write")


class Scrape(harness.IntegrationTest):
    async def test_every_family_is_there_from_the_start_and_promtool_finds_nothing(self):
        tickerd = await self.start_tickerd([harness.simulator()], server={"shards": 2})
        metrics = await tickerd.metrics()
        self.assertEqual(FAMILIES - metrics.families(), set())
        await self.assert_clean(metrics)

    async def test_what_happened_is_counted(self):
        tickerd = await self.start_tickerd([harness.simulator(updates_per_second=500)])
        client = await self.connect(tickerd)
        gone = await self.connect(tickerd)
        await gone.close()
        await client.subscribe("*", interval_ms=0)
        await client.request({"op": "fly"})
        await client.until(lambda: client.frames > 50, "frames")
        await self.counted(tickerd, "ticker_connections_closed_total", 1, code="1000")
        metrics = await tickerd.metrics()
        self.assertEqual(metrics.sum("ticker_connections"), 1)
        self.assertEqual(metrics.sum("ticker_connections_opened_total"), 2)
        self.assertEqual(metrics.sum("ticker_requests_total", op="subscribe"), 1)
        self.assertEqual(metrics.sum("ticker_request_errors_total", code="unknown_op"), 1)
        self.assertGreaterEqual(metrics.sum("ticker_subscriptions"), 1)
        self.assertGreaterEqual(metrics.sum("ticker_frames_sent_total"), 50)
        self.assertGreater(metrics.sum("ticker_sent_bytes_total"), 50 * 50)
        self.assertGreater(metrics.sum("ticker_updates_sent_total"), 50)
        self.assertEqual(metrics.sum("ticker_feed_state", feed="demo"), 3)
        self.assertGreater(metrics.sum("ticker_feed_messages_total", feed="demo"), 0)
        for stage in STAGES[1:]:
            self.assertGreater(metrics.sum("ticker_latency_seconds_count", stage=stage), 0, stage)
        await self.assert_clean(metrics)

    async def test_no_label_comes_from_what_a_client_sends(self):
        tickerd = await self.start_tickerd([harness.simulator()])
        client = await self.connect(tickerd)
        for op in ("evil-op", "subscribe"):
            await client.request({"op": op, "symbols": ["evil-symbol"], "channel": "evil-channel", "lane": "evil-lane"})
        await tickerd.get("/evil-path?evil-query")
        await tickerd.get("/v1/tickers?symbols=evil-symbol", headers={"User-Agent": "evil-agent"})
        self.assertNotIn("evil", (await tickerd.metrics()).text)

    async def assert_clean(self, metrics):
        if not shutil.which("promtool"):
            self.fail("promtool is not installed (Debian's package prometheus)")
        promtool = await asyncio.create_subprocess_exec(
            "promtool", "check", "metrics", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT)
        said, _ = await promtool.communicate(metrics.text.encode())
        self.assertEqual((promtool.returncode, said), (0, b""))


if __name__ == "__main__":
    harness.main()
