"""A client of the service on Python's `websockets`, holding state the way PROTOCOL part 3 allows it to.

Nobody here wrote its WebSocket: what it accepts, others accept. Everything that the server must keep to and a frame can
show is checked on each frame; breaches are collected in `faults`.
"""

import asyncio
import collections
import fnmatch
import json
import socket
import time
import urllib.parse

import websockets


class Client:
    """One connection at a time to `url`. One asyncio loop."""

    def __init__(self, url, *, subprotocols=("ticker.v1.json",), receive_buffer=None, tls=None):
        """`tls`: an SSLContext, for wss://. `receive_buffer`: SO_RCVBUF in bytes; a small one makes a client that stops reading felt at once."""
        self.url = url
        self.faults = []
        self.held = {}      # symbol -> fields
        self.epoch = None
        self.versions = {}  # lane -> version of its last complete frame: the resume point
        self.staleness = collections.defaultdict(list)  # symbol -> what `stale` was, in order
        self.feeds = {}     # name -> its last status
        self.pushes = collections.defaultdict(list)  # type -> messages, but for snapshot and delta
        self.entries_seen = []  # (frame type, entry) of `new` and `removed` entries, in order
        self.frames = 0     # snapshots and deltas
        self.received_bytes = 0
        self.longest_gap_s = 0.0  # between two messages, since the last mark()
        self.hello = None
        self.close_code = None
        self._subprotocols = list(subprotocols)
        self._receive_buffer = receive_buffer
        self._tls = tls
        self._reading = asyncio.Event()
        self._reading.set()
        self.replies = {}
        self._next_id = 1
        self._resuming = {}  # id of a subscribe with `since` -> its symbols
        self._passes = set()  # lanes in the middle of a pass
        self._last_message_at = None
        self._socket = None
        self._reader = None

    # -- connection

    async def open(self, query=""):
        """Connects and waits for `hello`."""
        address = urllib.parse.urlsplit(self.url)
        raw = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if self._receive_buffer:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer)
        raw.setblocking(False)
        await asyncio.get_running_loop().sock_connect(raw, (address.hostname, address.port))
        # A queue of one message and a small read limit: a reader that stops is felt by the server, not hidden by buffers.
        self._socket = await websockets.connect(
            self.url + query, sock=raw, subprotocols=self._subprotocols or None, max_queue=1, read_limit=4096,
            max_size=1 << 24, ping_interval=None, close_timeout=5, compression=None,
            **({"ssl": self._tls, "server_hostname": address.hostname} if self._tls else {}))
        self.hello = None
        self.close_code = None
        self._passes.clear()
        self._reader = asyncio.ensure_future(self._read())
        await self.until(lambda: self.hello, "hello")

    async def close(self):
        if self._socket:
            await self.resume()
            await self._socket.close()
            await self._reader

    async def cut(self):
        """Drops the socket without a word."""
        self._socket.transport.abort()
        await self._reader

    async def pause(self):
        """Stops reading: what the server sends stays in the kernel until that is full."""
        self._reading.clear()

    async def resume(self):
        self._last_message_at = None
        self._reading.set()

    @property
    def subprotocol(self):
        return self._socket.subprotocol

    @property
    def closed(self):
        return self._reader.done()

    async def until(self, condition, what, deadline_s=45):
        end = time.monotonic() + deadline_s
        while not condition():
            if self.closed and not condition():
                raise AssertionError(f"closed with {self.close_code} while waiting for {what}")
            if time.monotonic() > end:
                raise AssertionError(f"not within {deadline_s} s: {what}")
            await asyncio.sleep(0.005)

    async def until_closed(self, deadline_s=45):
        await asyncio.wait_for(asyncio.shield(self._reader), deadline_s)
        return self.close_code

    # -- requests

    async def send(self, message):
        """Sends a message (text as it is) and does not wait for anything."""
        await self._socket.send(message if isinstance(message, str) else json.dumps(message))

    async def ping(self):
        """A ping frame, whose pong nobody waits for."""
        pong = await self._socket.ping()
        pong.add_done_callback(lambda waiter: waiter.cancelled() or waiter.exception())

    async def request(self, message, deadline_s=45):
        """Sends a request with an id of its own and gives its one reply."""
        id_ = self._next_id
        self._next_id += 1
        if "since" in message:
            self._resuming[id_] = message["symbols"]
        await self.send({**message, "id": id_})
        await self.until(lambda: id_ in self.replies, f"reply to {message}", deadline_s)
        return self.replies[id_]

    async def subscribe(self, *symbols, **members):
        reply = await self.request({"op": "subscribe", "symbols": list(symbols), **members})
        if reply["type"] != "subscribed":
            raise AssertionError(f"subscribe {symbols} {members}: {reply}")
        return reply

    async def unsubscribe(self, *symbols):
        return await self.request({"op": "unsubscribe", "symbols": list(symbols)})

    async def resume_from(self, *symbols, lane="", **members):
        """Subscribes with what this client holds of `symbols` as its base."""
        since = {"epoch": self.epoch, "version": self.versions[lane]}
        lane_member = {"lane": lane} if lane else {}
        return await self.subscribe(*symbols, since=since, **lane_member, **members)

    # -- observation

    async def state(self):
        """As client.mjs answers it."""
        return {"held": self.held, "epoch": self.epoch, "versions": self.versions, "frames": self.frames,
                "faults": self.faults}

    def mark(self):
        """Starts measuring gaps between messages afresh."""
        self._last_message_at = time.monotonic()
        self.longest_gap_s = 0.0

    # -- messages

    async def _read(self):
        try:
            while True:
                await self._reading.wait()
                self._on_message(await self._socket.recv())
        except websockets.ConnectionClosed as closed:
            self.close_code = closed.code
        except Exception as error:  # a fault of the server's, told at the end of the test
            self.faults.append(f"{type(error).__name__}: {error}")

    def _on_message(self, text):
        now = time.monotonic()
        if self._last_message_at is not None:
            self.longest_gap_s = max(self.longest_gap_s, now - self._last_message_at)
        self._last_message_at = now
        self.received_bytes += len(text)
        message = json.loads(text)
        kind = message["type"]
        if kind == "hello":
            self._on_hello(message)
        elif kind in ("snapshot", "delta"):
            self._on_frame(message, len(text))
        elif kind == "epoch":
            self._start_epoch(message["epoch"])
            self.pushes[kind].append(message)
        elif "id" in message:
            self._on_reply(message)
        else:
            self.pushes[kind].append(message)
            if kind == "status":
                self.feeds[message["feed"]] = message
            elif kind == "subscribed":
                self.epoch = message["epoch"]

    def _on_hello(self, message):
        if self.hello:
            self.faults.append("a second hello")
        self.hello = message
        # What is held of another epoch waits for the answer to `since`, which says whether it still counts.
        if self.epoch is None:
            self.epoch = message["epoch"]

    def _start_epoch(self, epoch):
        self.held.clear()
        self.versions.clear()
        self.epoch = epoch

    def _on_reply(self, message):
        id_ = message["id"]
        if id_ in self.replies:
            self.faults.append(f"a second reply: {message}")
        self.replies[id_] = message
        if message["type"] != "subscribed":
            return
        symbols = self._resuming.pop(id_, None)
        if symbols is not None and not message["resumed"]:
            for symbol in [s for s in self.held if any(matches(s, p) for p in symbols)]:
                del self.held[symbol]
            self.versions.pop(message.get("lane", ""), None)
        self.epoch = message["epoch"]

    def _on_frame(self, message, size):
        self.frames += 1
        if size > self.hello["limits"]["frame_bytes"]:
            self.faults.append(f"a frame of {size} bytes")
        lane = message.get("lane", "")
        if message.get("more"):
            if "version" in message:
                self.faults.append("an unfinished pass has a version")
        else:
            if message["version"] < self.versions.get(lane, 0):
                self.faults.append(f"version of lane '{lane}' went back: {self.versions[lane]} to {message['version']}")
            self.versions[lane] = message["version"]
        for entry in message["data"]:
            self._merge(message["type"], entry)

    def _merge(self, kind, entry):
        symbol = entry["symbol"]
        if entry.get("removed"):
            self.held.pop(symbol, None)
            self.entries_seen.append((kind, entry))
            return
        fields = {name: value for name, value in entry.items() if name not in ("symbol", "new")}
        if "stale" in fields:
            self.staleness[symbol].append(fields["stale"])
        if kind == "snapshot" or entry.get("new"):
            self.held[symbol] = fields
            if entry.get("new"):
                self.entries_seen.append((kind, entry))
        elif symbol not in self.held:
            self.faults.append(f"a delta of {symbol}, of which nothing is held: {entry}")
        else:
            self.held[symbol].update(fields)


def matches(symbol, pattern):
    """As PROTOCOL part 1: `*` is any run of characters, nothing else is special."""
    return fnmatch.fnmatchcase(symbol, pattern.replace("[", "[[]").replace("?", "[?]"))
