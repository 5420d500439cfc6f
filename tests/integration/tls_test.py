"""wss:// and https:// by the real tickerd: real clients, a renewed certificate, and what is no TLS."""

import asyncio
import http.client
import json
import re
import signal
import socket
import ssl
import subprocess

import harness

MAKE = harness.ROOT / "libs/net/tests/make_certificates.sh"


class Tls(harness.IntegrationTest):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        await asyncio.to_thread(subprocess.run, ["sh", MAKE, self.folder], check=True, capture_output=True)
        self.trusting = ssl.create_default_context(cafile=self.folder / "trusted.pem")

    async def start_with(self, certificate="good", *, limits=None, feed=None, **tls):
        self.config = harness.config([feed or harness.simulator()], {"tls": {
            "certificate": f"{certificate}.pem", "key": f"{certificate}.key", **tls}}, limits)
        tickerd = await self.start_tickerd_with(self.write_config(self.config))
        self.assertTrue([line for line in tickerd.program.out if line.startswith("listening https://")], tickerd.program.out)
        tickerd.url = f"wss://127.0.0.1:{tickerd.port}/v1/stream"
        return tickerd

    def fetch(self, tickerd, path, context=None):
        connection = http.client.HTTPSConnection("127.0.0.1", tickerd.port, context=context or self.trusting,
                                                 timeout=harness.PATIENCE_S)
        try:
            connection.request("GET", path)
            return connection.getresponse().read()
        finally:
            connection.close()

    def handshake(self, tickerd, context, send=b""):
        with socket.create_connection(("127.0.0.1", tickerd.port), timeout=harness.PATIENCE_S) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as secured:
                secured.sendall(send)
                return secured.version(), secured.selected_alpn_protocol()

    async def test_streams_and_reads_are_what_they_are_without_it(self):
        tickerd = await self.start_with()
        client = await self.connect(tickerd, tls=self.trusting)
        await client.subscribe("demo:*", interval_ms=0)
        await client.until(lambda: client.frames > 100, "frames")
        read = json.loads(await asyncio.to_thread(self.fetch, tickerd, "/v1/tickers"))
        self.assertEqual({entry["symbol"] for entry in read["data"]}, set(client.held))

    async def test_a_client_that_does_not_read_comes_back_to_the_newest_state(self):
        tickerd = await self.start_with(feed=harness.simulator(instruments=500, updates_per_second=20_000))
        client = await self.connect(tickerd, tls=self.trusting, receive_buffer=4096)
        await client.subscribe("demo:*", interval_ms=0)
        await client.until(lambda: client.frames > 10, "frames")
        await client.pause()
        await self.counted(tickerd, "ticker_blocked_connections")
        self.assertLess((await tickerd.metrics()).sum("ticker_held_bytes"), 400_000)
        await client.resume()
        frames = client.frames
        await client.until(lambda: client.frames > frames + 100, "frames after it")

    async def test_real_clients_in_node_connect(self):
        harness.require((harness.ROOT / "tests/node/node_modules/ws").is_dir(), "no Node package `ws` in tests/node")
        tickerd = await self.start_with()
        script = ("const { WebSocket } = require('ws');"
                  "const s = new WebSocket(process.argv[1] + '?symbols=*', 'ticker.v1.json', {ca: require('fs').readFileSync(process.argv[2])});"
                  "let n = 0; s.on('message', () => { if (++n === 20) { console.log('enough'); s.close(1000); } });"
                  "s.on('error', (e) => { console.log(e.message); process.exit(1); });")
        node = await asyncio.to_thread(subprocess.run, ["node", "-e", script, tickerd.url, self.folder / "trusted.pem"],
                                       cwd=harness.ROOT / "tests/node", capture_output=True, text=True, timeout=60)
        self.assertEqual((node.returncode, node.stdout), (0, "enough\n"), node.stderr)

    async def test_a_renewed_certificate_is_shown_to_who_comes_next(self):
        tickerd = await self.start_with()
        client = await self.connect(tickerd, tls=self.trusting)
        await client.subscribe("demo:*", interval_ms=0)
        for suffix in (".pem", ".key"):
            (self.folder / f"good{suffix}").write_bytes((self.folder / f"unknown{suffix}").read_bytes())
        tickerd.program.signal(signal.SIGHUP)
        stranger = ssl.create_default_context(cafile=self.folder / "stranger.pem")
        async def shows_the_new_one():
            try:
                await asyncio.to_thread(self.handshake, tickerd, stranger)
                return True
            except ssl.SSLCertVerificationError:
                return False
        await harness.wait_until(shows_the_new_one, "the new certificate")
        frames = client.frames
        await client.until(lambda: client.frames > frames, "the old connection goes on")

        (self.folder / "good.key").write_text("no key")
        tickerd.program.signal(signal.SIGHUP)
        await harness.wait_until(lambda: any("server.tls: " in line for line in tickerd.program.err), "the bad key is told of")
        await asyncio.to_thread(self.handshake, tickerd, stranger)

    async def test_old_versions_and_renegotiation_are_refused_and_http_1_is_spoken(self):
        tickerd = await self.start_with()
        old = ssl.create_default_context(cafile=self.folder / "trusted.pem")
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        with self.assertRaises(ssl.SSLError):
            await asyncio.to_thread(self.handshake, tickerd, old)
        browser = ssl.create_default_context(cafile=self.folder / "trusted.pem")
        browser.set_alpn_protocols(["h2", "http/1.1"])
        self.assertEqual(await asyncio.to_thread(self.handshake, tickerd, browser), ("TLSv1.3", "http/1.1"))
        twelve = ssl.create_default_context(cafile=self.folder / "trusted.pem")
        twelve.maximum_version = ssl.TLSVersion.TLSv1_2
        self.assertEqual((await asyncio.to_thread(self.handshake, tickerd, twelve))[0], "TLSv1.2")
        renegotiation = await asyncio.to_thread(
            subprocess.run, ["openssl", "s_client", "-connect", f"127.0.0.1:{tickerd.port}", "-tls1_2"], input="R\n",
            capture_output=True, text=True, timeout=60)
        self.assertRegex(renegotiation.stderr, "no renegotiation|handshake failure|unexpected")
        await asyncio.to_thread(self.fetch, tickerd, "/healthz")

    async def test_only_1_3_where_that_is_wanted(self):
        tickerd = await self.start_with(min_version="1.3")
        twelve = ssl.create_default_context(cafile=self.folder / "trusted.pem")
        twelve.maximum_version = ssl.TLSVersion.TLSv1_2
        with self.assertRaises(ssl.SSLError):
            await asyncio.to_thread(self.handshake, tickerd, twelve)
        self.assertEqual((await asyncio.to_thread(self.handshake, tickerd, self.trusting))[0], "TLSv1.3")

    async def test_what_is_no_tls_is_cut_and_counted(self):
        tickerd = await self.start_with(limits={"handshake_ms": 300})
        def send(data):
            with socket.create_connection(("127.0.0.1", tickerd.port), timeout=harness.PATIENCE_S) as plain:
                plain.sendall(data)
                while plain.recv(4096):
                    pass
        hello = ssl.MemoryBIO(), ssl.MemoryBIO()
        half = self.trusting.wrap_bio(*hello, server_hostname="localhost")
        with self.assertRaises(ssl.SSLWantReadError):
            half.do_handshake()
        whole = hello[1].read()
        for data in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", bytes(500), whole[:-40] + bytes(40) + whole):
            try:
                await asyncio.to_thread(send, data)
            except ConnectionResetError:
                pass
        for data in (b"", whole[:100], whole):  # nothing, half a greeting, a greeting and no answer to the server's
            await asyncio.to_thread(send, data)
        await self.counted(tickerd, "ticker_connections_refused_total", 2, reason="tls")
        await self.counted(tickerd, "ticker_connections_refused_total", 3, reason="handshake_timeout")
        await asyncio.to_thread(self.fetch, tickerd, "/healthz")

    async def test_an_address_begins_tls_so_often_a_second(self):
        tickerd = await self.start_with(limits={"tls_handshakes_per_s_per_address": 1})
        async def refused():
            try:
                await asyncio.to_thread(self.handshake, tickerd, self.trusting)
            except (ssl.SSLError, ConnectionError):
                return True
        await harness.wait_until(refused, "an alert instead of a handshake")
        await self.counted(tickerd, "ticker_connections_refused_total", 1, reason="tls_handshakes")
        async def taken():
            return not await refused()
        await harness.wait_until(taken, "a second later it may")

    async def test_bad_files_end_the_start_with_one_line(self):
        self.config = harness.config([harness.simulator()], {"tls": {"certificate": "good.pem", "key": "expired.key"}})
        tickerd = await harness.run([harness.binaries() / "tickerd", "--config", self.write_config(self.config)])
        self.assertEqual((tickerd.exit_code, len(tickerd.err)), (2, 1), tickerd.err)
        self.assertRegex(tickerd.err[0], re.escape("server.tls: ") + ".*expired.key")


if __name__ == "__main__":
    harness.main()
