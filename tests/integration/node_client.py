"""client.mjs as an object with the same operations as client.Client."""

import asyncio
import json

import harness


class NodeClient:
    """A Node process with one connection."""

    def __init__(self, program):
        self._program = program
        self._answered = 0
        self._lock = asyncio.Lock()

    @classmethod
    async def start(cls, test, tickerd):
        """Starts the process, which the end of the test stops, and connects."""
        program = await harness.Program.start(["node", harness.HERE / "client.mjs", tickerd.url],
                                              stdin=asyncio.subprocess.PIPE)
        test.addAsyncCleanup(program.kill)
        self = cls(program)
        await self.open()
        return self

    async def _do(self, command, **members):
        async with self._lock:
            await self._program.write(json.dumps({"do": command, **members}) + "\n")
            self._answered += 1
            def answered():
                if self._program.exit_code is not None:
                    raise AssertionError("client.mjs ended:\n" + self._program.tail())
                return len(self._program.out) >= self._answered
            await harness.wait_until(answered, f"client.mjs answers to {command}")
            return json.loads(self._program.out[self._answered - 1])

    async def open(self):
        return await self._do("open")

    async def cut(self):
        await self._do("cut")

    async def pause(self):
        await self._do("pause")

    async def resume(self):
        await self._do("resume")

    async def state(self):
        return await self._do("state")

    async def subscribe(self, *symbols, **members):
        reply = await self._do("request", message={"op": "subscribe", "symbols": list(symbols), **members})
        if reply["type"] != "subscribed":
            raise AssertionError(f"subscribe {symbols} {members}: {reply}")
        return reply

    async def send(self, message):
        await self._do("send", message=message)

    async def unsubscribe(self, *symbols):
        return await self._do("request", message={"op": "unsubscribe", "symbols": list(symbols)})

    async def resume_from(self, *symbols, lane="", **members):
        state = await self.state()
        since = {"epoch": state["epoch"], "version": state["versions"][lane]}
        return await self.subscribe(*symbols, since=since, **members)
