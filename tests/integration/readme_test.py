"""The worked example of the README is run as it stands there."""

import ast
import json
import re
import sys

import websockets

import harness

README = (harness.ROOT / "README.md").read_text()
DEMO = (harness.ROOT / "configs/demo.yaml").read_text()


def example(port):
    program = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]
    assert program.count("127.0.0.1:8080") == 1, program
    return program.replace("127.0.0.1:8080", f"127.0.0.1:{port}")


class Readme(harness.IntegrationTest):
    async def start_example(self, port):
        program = await harness.Program.start([sys.executable, "-u", "-c", example(port)])
        self.addAsyncCleanup(program.kill)
        return program

    async def test_the_worked_example_follows_the_demo(self):
        config = re.sub(r"(listen: *)\S+:\d+", r"\g<1>127.0.0.1:0", DEMO)
        tickerd = await self.start_tickerd_with(self.write_config(config))
        program = await self.start_example(tickerd.port)

        def printed():
            self.assertIsNone(program.exit_code, program.tail())
            return len(program.out) > 20
        await harness.wait_until(printed, "prices are printed")

        for held in map(ast.literal_eval, program.out):
            self.assertEqual(held["symbol"], "demo:BTC-USD")
            self.assertLess(float(held["bid"]), float(held["ask"]))

    async def test_the_worked_example_holds_what_the_service_holds(self):
        def frame(kind, **entry):
            return {"type": kind, "lane": "focus", "version": 1, "data": [{"symbol": "demo:A", **entry}]}
        messages = [
            {"type": "hello", "epoch": "1"},
            frame("snapshot", bid="1", ask="2"),
            frame("delta", bid="3"),
            frame("delta", removed=True),
            frame("delta", new=True, last="4"),
            frame("snapshot", bid="5"),
            {"type": "epoch", "epoch": "2"},
            frame("snapshot", ask="6"),
        ]

        async def serve(socket):
            for _ in range(2):
                self.assertEqual(json.loads(await socket.recv())["op"], "subscribe")
            for message in messages:
                await socket.send(json.dumps(message))

        async with websockets.serve(serve, "127.0.0.1", 0, subprotocols=["ticker.v1.json"]) as server:
            program = await self.start_example(server.sockets[0].getsockname()[1])
            self.assertEqual(await program.wait(), 0, program.tail())

        held = [ast.literal_eval(line) for line in program.out]
        self.assertEqual(held, [{"symbol": "demo:A", "bid": "1", "ask": "2"}, {"symbol": "demo:A", "bid": "3", "ask": "2"}, None,
                                {"symbol": "demo:A", "new": True, "last": "4"}, {"symbol": "demo:A", "bid": "5"},
                                {"symbol": "demo:A", "ask": "6"}])


if __name__ == "__main__":
    harness.main()
