"""The dashboard's files over HTTP: what a browser expects of them, and that no path leaves them."""

import asyncio
import gzip
import json
import os
import pathlib
import random
import re

import harness
from attacker import Attacker

PATHS = 3000
PER_CONNECTION = 100
INSIDE = ["", ".", "..", "...", "%2e", "%2e%2e", "%2E%2e", ".%2e", "%252e%252e", "..;", "..%00", "..\\", "%5c..", "\\", "%2f", "%2F..",
          "%c0%ae%c0%ae", "%u002e", "~", "*", "?", "#", "assets", "assets%2f", "etc", "passwd", "proc", "self", "environ", "index.html",
          "C:", "CON", "%", "%zz", "\xff", "\xe2\x80\xae", "'", '"', "<script>", "${jndi:ldap}", "x" * 300]
# What must not be found whatever is served.
OUTSIDE = ["/../etc/passwd", "/assets/../../../../etc/passwd", "/assets/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2f..%2fetc%2fpasswd",
           "/assets/..\\..\\etc\\passwd", "/assets/%5c..%5c..%5cetc", "/assets/....//....//etc/passwd", "/assets/%252e%252e/etc/passwd",
           "/assets/%c0%ae%c0%ae/etc/passwd", "/assets/..;/..;/etc/passwd", "/assets//etc/passwd", "//etc/passwd", "/assets/", "/assets",
           "/assets/.", "/index.html", "/index.html%00", "/.git/config", "/%00", "/assets/app.js", "/assets/app.js.map", "/proc/self/environ",
           "/file:///etc/passwd", "/assets/~root", "/assets/*"]


def get(path, *headers, method="GET"):
    return ("\r\n".join((f"{method} {path} HTTP/1.1", "Host: x", *headers)) + "\r\n\r\n").encode("latin-1")


def references(page):
    """The paths of what a page loads."""
    return sorted({"/" + path.lstrip("./") for path in re.findall(r'(?:src|href)="([^"#:?]+\.\w+)"', page.decode())})


class Assets(harness.IntegrationTest):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.tickerd = await self.start_tickerd([harness.simulator()])
        self.page = await self.tickerd.get("/")
        if b"no dashboard" in self.page.body:
            message = "tickerd was built without the dashboard (Node, npm and its registry)"
            self.fail(message) if os.environ.get("TICKER_REQUIRE_ALL") else self.skipTest(message)

    async def files(self):
        """All paths that the pages name, and those that these name."""
        found, left = {"/"}, references(self.page.body)
        while left:
            path = left.pop()
            if path not in found:
                found.add(path)
                answer = await self.tickerd.get(path)
                self.assertEqual(answer.status, 200, path)
                left += references(answer.body) if path.endswith(".html") else []
        return sorted(found)

    async def test_a_page_is_asked_for_anew_and_runs_scripts_of_its_own_only(self):
        self.assertEqual(self.page.status, 200)
        self.assertEqual(self.page.headers["content-type"], "text/html; charset=utf-8")
        self.assertEqual(self.page.headers["cache-control"], "no-cache")
        policy = dict(rule.strip().split(" ", 1) for rule in self.page.headers["content-security-policy"].split(";"))
        self.assertEqual((policy["default-src"], policy["script-src"], policy["connect-src"], policy["frame-ancestors"]),
                         ("'none'", "'self'", "'self'", "'none'"))
        self.assertEqual(self.page.headers["x-content-type-options"], "nosniff")
        self.assertEqual(self.page.headers["referrer-policy"], "no-referrer")
        self.assertNotRegex(self.page.body.decode(), r"<script>|<script (?!.*src=)| on\w+=")

    async def test_a_file_is_got_whole_once_and_in_each_form(self):
        files = await self.files()
        self.assertTrue({".js", ".css", ".svg"} <= {pathlib.PurePath(path).suffix for path in files}, files)
        for path in files:
            with self.subTest(path):
                plain = await self.tickerd.get(path)
                self.assertEqual(int(plain.headers["content-length"]), len(plain.body))
                head = await self.tickerd.get(path, method="HEAD")
                self.assertEqual((head.status, head.body, head.headers["content-length"]), (200, b"", plain.headers["content-length"]))
                for tag in (plain.headers["etag"], "*", f'"x", {plain.headers["etag"]}'):
                    same = await self.tickerd.get(path, headers={"If-None-Match": tag})
                    self.assertEqual((same.status, same.body, same.headers["etag"]), (304, b"", plain.headers["etag"]))
                coded = await self.tickerd.get(path, headers={"Accept-Encoding": "gzip"})
                if coded.headers.get("content-encoding"):
                    self.assertEqual(gzip.decompress(coded.body), plain.body)
                    self.assertLess(len(coded.body), len(plain.body))
                    self.assertNotEqual(coded.headers["etag"], plain.headers["etag"])
                    self.assertEqual((coded.headers["vary"], plain.headers["vary"]), ("Accept-Encoding",) * 2)
                if path.startswith("/assets/"):
                    self.assertIn("immutable", plain.headers["cache-control"])
                post = await self.tickerd.get(path, method="POST")
                self.assertEqual((post.status, post.headers["allow"]), (405, "GET, HEAD"))

    async def test_operators_have_a_page_of_their_own_at_the_metrics_address(self):
        port = self.tickerd.metrics_port
        page = await asyncio.to_thread(harness.fetch, port, "/")
        self.assertEqual((page.status, page.headers["content-type"]), (200, "text/html; charset=utf-8"))
        self.assertIn("default-src 'none'", page.headers["content-security-policy"])
        self.assertIn(b"operations", page.body)
        for path in references(page.body):
            self.assertEqual((await asyncio.to_thread(harness.fetch, port, path)).status, 200, path)
        feeds = json.loads((await asyncio.to_thread(harness.fetch, port, "/v1/feeds")).body)["feeds"]
        self.assertEqual([feed["feed"] for feed in feeds], ["demo"])
        for path in ("/v1/tickers", "/v1/symbols", "/v1/stream", "/index.html", "/operations.html"):
            self.assertEqual((await asyncio.to_thread(harness.fetch, port, path)).status, 404, path)
        self.assertEqual((await self.tickerd.get("/operations.html")).status, 404)

    async def test_no_path_leads_out(self):
        for path in OUTSIDE:
            with self.subTest(path):
                answer = await asyncio.to_thread(self.ask, [path])
                self.assertEqual(answer[0][0], 404)
                self.assertTrue(json.loads(answer[0][1])["error"]["message"])

    async def test_of_thousands_of_wild_paths_only_those_there_are_are_answered(self):
        files = await self.files()
        bodies = {path: (await self.tickerd.get(path)).body for path in files}
        chance = random.Random(42)
        def wild():
            parts = chance.choice(files).split("/")
            for _ in range(chance.randint(1, 4)):
                at = chance.randint(1, len(parts))
                parts[at:at + chance.randint(0, 1)] = [chance.choice(INSIDE)]
            return "/".join(parts)
        paths = ["/" + wild().lstrip("/") if chance.random() < 0.9 else wild() or "/" for _ in range(PATHS)]
        found = 0
        for start in range(0, PATHS, PER_CONNECTION):
            some = paths[start:start + PER_CONNECTION]
            for path, (status, body) in zip(some, await asyncio.to_thread(self.ask, some), strict=True):
                looked_up = path.split("#")[0].split("?")[0]
                if looked_up in bodies:
                    found += 1
                    self.assertEqual((status, body), (200, bodies[looked_up]), path)
                else:
                    self.assertEqual(status, 404, path)
        self.assertGreater(found, 0, "some must be there, or the test shows nothing")
        metrics = await self.tickerd.metrics()
        counted = {labels["path"] for name, labels, _ in metrics.samples if name == "ticker_http_requests_total"}
        self.assertLessEqual(counted, {"/", "/assets", "other"})

    def ask(self, paths):
        with Attacker(self.tickerd.port) as attacker:
            for path in paths:
                attacker.send(get(path))
            return [attacker.answer() for _ in paths]

    async def test_readers_that_stop_share_what_they_do_not_take(self):
        files = await self.files()
        sizes = {path: len((await self.tickerd.get(path)).body) for path in files}
        largest = max(sizes, key=sizes.get)
        before = self.tickerd.program.resident_kib()
        for _ in range(25):
            reader = Attacker(self.tickerd.port, receive_buffer=4096)
            self.addCleanup(reader.close)
            reader.send(get(largest) * 20)
        await self.counted(self.tickerd, "ticker_http_requests_total", len(files) + 25)
        self.assert_grown_less(self.tickerd.program.resident_kib() - before, 8 * 1024)
        self.assertEqual((await self.tickerd.get("/healthz")).status, 200)


if __name__ == "__main__":
    harness.main()
