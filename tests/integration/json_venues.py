"""Venues that no adapter knows, as their documentation describes them: what configs/finnhub.yaml and configs/alpaca.yaml talk to."""

import json
import urllib.parse

import websockets


class Venue:
    """A WebSocket server on a port of the system's choosing; what it was sent is kept in `received`."""

    def __init__(self):
        self.received = []
        self.sockets = set()
        self.opened = 0
        self._server = None

    async def start(self):
        self._server = await websockets.serve(self._serve, "127.0.0.1", 0)
        return self

    async def close(self):
        self._server.close()
        await self._server.wait_closed()

    @property
    def authority(self):
        return "127.0.0.1:%d" % self._server.sockets[0].getsockname()[1]

    async def _serve(self, socket):
        self.opened += 1
        self.sockets.add(socket)
        try:
            await self.greet(socket)
            async for text in socket:
                self.received.append(text)
                await self.answer(socket, json.loads(text))
        except websockets.ConnectionClosed:
            pass
        finally:
            self.sockets.discard(socket)

    async def greet(self, socket):
        pass

    async def answer(self, socket, request):
        raise NotImplementedError

    async def send(self, message):
        """To all who are connected; `message`: what JSON can say, or a text."""
        text = message if isinstance(message, str) else json.dumps(message)
        for socket in list(self.sockets):
            await socket.send(text)


class Finnhub(Venue):
    """The key stands in the URL; subscriptions are never answered, one too many is an error that names no symbol."""

    def __init__(self, token, most=50):
        super().__init__()
        self.token = token
        self.most = most
        self.subscribed = []

    async def greet(self, socket):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(socket.path).query)
        if query.get("token") != [self.token]:
            await socket.close(1008, "Invalid API key")

    async def answer(self, socket, request):
        if request["type"] == "subscribe" and len(self.subscribed) == self.most:
            await socket.send('{"msg":"Subscribing to too many symbols","type":"error"}')
        elif request["type"] == "subscribe":
            self.subscribed.append(request["symbol"])


class Alpaca(Venue):
    """Every message is a list; nothing is served before the login, and each subscription is answered by all there are."""

    def __init__(self, key, secret):
        super().__init__()
        self.login = {"action": "auth", "key": key, "secret": secret}
        self.lists = {"trades": [], "quotes": [], "bars": []}
        self.authenticated = set()

    async def greet(self, socket):
        await socket.send('[{"T":"success","msg":"connected"}]')

    async def answer(self, socket, request):
        if request["action"] == "auth":
            if request == self.login:
                self.authenticated.add(socket)
                await socket.send('[{"T":"success","msg":"authenticated"}]')
            else:
                await socket.send('[{"T":"error","code":402,"msg":"auth failed"}]')
        elif socket not in self.authenticated:
            await socket.send('[{"T":"error","code":401,"msg":"not authenticated"}]')
        else:
            for channel, symbols in self.lists.items():
                symbols += [symbol for symbol in request.get(channel, []) if symbol not in symbols]
            await socket.send(json.dumps([{"T": "subscription", **self.lists}]))
