"""A venue that answers over HTTP, as Finnhub's and CoinGecko's documentation describe their quotes."""

import asyncio
import collections
import hashlib
import json
import time
import urllib.parse

SILENCE = ()  # what is usual for who does not answer

Request = collections.namedtuple("Request", "path query headers at status")


class RestVenue:
    """HTTP/1.1 on a port of the system's choosing; entity tags as most venues' edges give them."""

    def __init__(self):
        self.requests = []
        self.script = []        # answers that come before the usual one: (status, headers, body), what gives such, or None for none at all
        self.usual = {}         # path -> function of the query that gives what JSON can say, a status, an answer as in the script, or None for 404
        self._server = None
        self._writers = set()

    async def start(self, tls=None):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        return self

    async def close(self):
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()

    @property
    def port(self):
        return self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer):
        self._writers.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                line, *lines = head.strip().split("\r\n")
                headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
                url = urllib.parse.urlsplit(line.split()[1])
                query = dict(urllib.parse.parse_qsl(url.query))
                answer = self.script.pop(0) if self.script else self._answer(url.path, query, headers)
                answer = answer() if callable(answer) else answer
                self.requests.append(Request(url.path, query, headers, time.monotonic(), answer and answer[0]))
                if answer is None:
                    await reader.read()
                    return
                status, extra, body = answer
                lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in extra.items())]
                if status != 304:
                    lines.append(f"Content-Length: {len(body)}")
                writer.write(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    def _answer(self, path, query, headers):
        value = self.usual[path](query) if path in self.usual else None
        if value is None:
            return 404, {}, '{"error":"not found"}'
        if isinstance(value, tuple):
            return value or None
        if isinstance(value, int):
            return value, {}, ""
        body = value if isinstance(value, str) else json.dumps(value)
        tag = '"' + hashlib.sha1(body.encode()).hexdigest() + '"'
        if headers.get("if-none-match") == tag:
            return 304, {"ETag": tag}, ""
        return 200, {"ETag": tag, "Content-Type": "application/json"}, body

    def count(self, status):
        return sum(request.status == status for request in self.requests)
