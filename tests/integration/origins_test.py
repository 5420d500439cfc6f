"""Pages of which origins may ask, over HTTP and WebSocket."""

import websockets

import harness

FRIEND, STRANGER = "https://desk.example.org", "https://stranger.example"
PREFLIGHT = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}


class Origins(harness.IntegrationTest):
    async def ask(self, tickerd, path, origin=None, **options):
        headers = {**options.pop("headers", {}), **({"Origin": origin} if origin else {})}
        return await tickerd.get(path, headers=headers, **options)

    async def test_only_those_named_may_ask(self):
        tickerd = await self.start_tickerd([harness.simulator()], server={"allowed_origins": [FRIEND]})
        for path in ("/v1/tickers", "/v1/symbols", "/v1/feeds"):
            self.assertEqual((await self.ask(tickerd, path)).status, 200, "no browser")
            allowed = await self.ask(tickerd, path, FRIEND)
            self.assertEqual((allowed.status, allowed.headers["access-control-allow-origin"]), (200, FRIEND))
            self.assertEqual(allowed.headers["vary"], "Origin")
            refused = await self.ask(tickerd, path, STRANGER)
            self.assertEqual(refused.status, 403)
            self.assertNotIn("access-control-allow-origin", refused.headers)
            self.assertNotIn(b"demo", refused.body)
        self.assertEqual((await self.ask(tickerd, "/healthz", STRANGER)).status, 200)
        await self.counted(tickerd, "ticker_connections_refused_total", 3, reason="origin")

    async def test_a_browser_that_asks_first_is_told_what_it_may_send(self):
        tickerd = await self.start_tickerd([harness.simulator()], server={"allowed_origins": [FRIEND]})
        allowed = await self.ask(tickerd, "/v1/tickers", FRIEND, method="OPTIONS", headers=PREFLIGHT)
        self.assertEqual((allowed.status, allowed.body), (204, b""))
        self.assertEqual(allowed.headers["access-control-allow-origin"], FRIEND)
        self.assertIn("Authorization", allowed.headers["access-control-allow-headers"])
        refused = await self.ask(tickerd, "/v1/tickers", STRANGER, method="OPTIONS", headers=PREFLIGHT)
        self.assertEqual(refused.status, 403)
        self.assertEqual((await self.ask(tickerd, "/v1/tickers", FRIEND, method="OPTIONS")).status, 405)

    async def test_a_web_socket_of_another_page_is_closed_with_a_code_that_says_so(self):
        tickerd = await self.start_tickerd([harness.simulator()], server={"allowed_origins": [FRIEND]})
        async with websockets.connect(tickerd.url, origin=FRIEND) as allowed:
            self.assertIn("hello", await allowed.recv())
        async with websockets.connect(tickerd.url, origin=STRANGER) as refused:
            with self.assertRaises(websockets.ConnectionClosed) as closed:
                await refused.recv()
        self.assertEqual(closed.exception.code, 4502)

    async def test_anyone_may_ask_where_none_is_named(self):
        tickerd = await self.start_tickerd([harness.simulator()])
        answer = await self.ask(tickerd, "/v1/symbols", STRANGER)
        self.assertEqual((answer.status, answer.headers["access-control-allow-origin"]), (200, "*"))
        preflight = await self.ask(tickerd, "/v1/symbols", STRANGER, method="OPTIONS", headers=PREFLIGHT)
        self.assertEqual((preflight.status, preflight.headers["access-control-allow-origin"]), (204, "*"))


if __name__ == "__main__":
    harness.main()
