"""Bytes that break RFC 6455, and requests that break PROTOCOL.md: each gets the code or the one reply due, and nobody
else feels it."""

import json

import harness
from attacker import BINARY, CLOSE, PING, TEXT, Attacker, close_frame, frame


BROKEN_UTF8 = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited"
# What is sent -> the code that closes.
BROKEN_FRAMES = {
    "garbage": (b"\x00\xffgarbage\r\n\r\n" * 20, 1002),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500), 1002),
    "an HTTP request": (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 1002),
    "no mask": (frame(b'{"op":"ping"}', masked=False), 1002),
    **{f"RSV bits {rsv}": (frame(b'{"op":"ping"}', rsv=rsv), 1002) for rsv in range(1, 8)},
    **{f"opcode {code}": (frame(b"x", opcode=code), 1002) for code in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)},
    "a length of 2^63": (frame(announced=1 << 63), 1009),
    "a length of 2^64-1": (frame(announced=(1 << 64) - 1), 1009),
    "a length of 2^62": (frame(announced=1 << 62), 1009),
    "a length of the limit and one": (frame(announced=65537), 1009),
    "two bytes for a short length": (frame(b"x" * 10, length_bytes=2), 1002),
    "eight bytes for a short length": (frame(b"x" * 10, length_bytes=8), 1002),
    "a ping of 126 bytes": (frame(b"x" * 126, opcode=PING), 1002),
    "a close of 126 bytes": (frame(b"\x03\xe8" + b"x" * 124, opcode=CLOSE), 1002),
    "a ping in fragments": (frame(b"x", opcode=PING, fin=False), 1002),
    "a continuation of nothing": (frame(b"x", opcode=0), 1002),
    "a text inside a text": (frame(b"x", fin=False) + frame(b"y"), 1002),
    "binary": (frame(b"{}", opcode=BINARY), 1003),
    "binary in fragments": (frame(b"{", opcode=BINARY, fin=False), 1003),
    "broken UTF-8": (frame(BROKEN_UTF8), 1007),
    "broken UTF-8 over fragments": (frame(BROKEN_UTF8[:12], fin=False) + frame(BROKEN_UTF8[12:], opcode=0), 1007),
    "UTF-8 that ends inside a character": (frame(b"\xf0\x9f\x98"), 1007),
    "the same over fragments": (frame(b"\xf0", fin=False) + frame(b"\x9f\x98", opcode=0), 1007),
    "fragments past the limit": (frame(b"x" * 60000, fin=False) + frame(b"x" * 6000, opcode=0), 1009),
    **{f"close {code}": (close_frame(code), 1002) for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535)},
    "a close of one byte": (frame(b"\x03", opcode=CLOSE), 1002),
    "a close whose reason is no UTF-8": (close_frame(1000, b"\xff\xfe"), 1007),
    # What is right, for comparison.
    "close": (frame(opcode=CLOSE), 1005),
    **{f"a right close {code}": (close_frame(code, b"bye"), code) for code in (1000, 1001, 1011, 3000, 4999)},
}

DEEP = 30_000
NOT_REQUESTS = (
    "", " ", "null", "true", "17", '"subscribe"', "[]", '[{"op":"ping"}]', "{", '{"op"', '{"op":"ping"}}', '{"op":"ping",}',
    "{'op':'ping'}", '{"op":"ping"} {"op":"ping"}', "\ufeff{}", '{"op":"ping","x":NaN}', '{"op":"ping","x":01}', "\x00",
    '{"op":"ping"}\x00', "[" * DEEP, '{"a":' * (DEEP // 3), '{"op":"ping","x":' + "[" * DEEP + "]" * DEEP + "}",
    '{"op":"ping","x":"\\ud800"}', '{"op":"ping","x":"\\udc00\\ud800"}', '{"op":"ping","x":"\\u12"}', '{"op":"ping","x":"\t"}')
# Texts of an id -> whether it comes back.
IDS = {"0": True, "-7": True, "1.50": True, "1e400": False, "9" * 64: True, "9" * 65: False, '""': True, '"x"': True,
       '"\\u0041\\n"': True, '"%s"' % ("é" * 64): True, '"%s"' % ("é" * 65): False, '"\\u0000"': True, "null": False,
       "true": False, "[1]": False, "{}": False}
# Requests that are JSON -> the type or error code of the reply.
REQUESTS = {
    "{}": "bad_request",
    '{"op":17}': "bad_request",
    '{"op":"%s"}' % ("x" * 60000): "unknown_op",
    '{"op":"ping","op":"auth"}': "bad_request",
    '{"op":"ping","x":1,"x":2}': "pong",
    '{"op":"ping","x":%s}' % ("9" * 60000): "bad_request",
    '{"op":"ping","x":1e999999999}': "bad_request",
    '{"op":"subscribe"}': "bad_request",
    '{"op":"subscribe","symbols":[]}': "bad_request",
    '{"op":"subscribe","symbols":{}}': "bad_request",
    '{"op":"subscribe","symbols":[["*"]]}': "bad_request",
    '{"op":"subscribe","symbols":["*"],"channel":"%s"}' % ("é" * 20000): "unknown_channel",
    '{"op":"subscribe","symbols":["*"],"fields":[]}': "bad_request",
    '{"op":"subscribe","symbols":["*"],"fields":["bid","\\ud83d\\ude00"]}': "unknown_field",
    '{"op":"subscribe","symbols":["*"],"interval_ms":-1}': "bad_request",
    '{"op":"subscribe","symbols":["*"],"interval_ms":18446744073709551616}': "bad_request",
    '{"op":"subscribe","symbols":["*"],"interval_ms":4294967296}': "bad_request",
    '{"op":"subscribe","symbols":["*"],"lane":"%s"}' % ("x" * 33): "bad_request",
    '{"op":"subscribe","symbols":["*"],"since":{"epoch":"%s","version":1}}' % ("x" * 60000): "bad_request",
    '{"op":"subscribe","symbols":["*"],"since":[]}': "bad_request",
    '{"op":"subscribe","symbols":["%s"]}' % ("a*" * 5): "bad_request",
    '{"op":"subscribe","symbols":["%s"]}' % ("*" * 60000): "bad_request",
    '{"op":"subscribe","symbols":["\\u0000"]}': "bad_request",
    '{"op":"subscribe","symbols":["*a*a*a*"]}': "subscribed",
    '{"op":"subscribe","symbols":[%s],"wait":true}' % ",".join(f'"w:{n}"' for n in range(900)): "subscribed",
    '{"op":"subscribe","symbols":[%s]}' % ",".join(['"*"'] * 1000): "subscribed",
    '{"op":"subscribe","symbols":[%s]}' % ",".join(f'"n:{n}"' for n in range(1000)): "unknown_symbol",
    '{"op":"subscribe","symbols":[%s]}' % ",".join(f'"p{n}*"' for n in range(1001)): "too_many_entries",
    '{"op":"unsubscribe","symbols":["nothing"]}': "not_subscribed",
    '{"op":"unsubscribe"}': "bad_request",
    '{"op":"unsubscribe","all":"yes"}': "bad_request",
    '{"op":"unsubscribe","all":true}': "unsubscribed",
    '{"op":"auth","token":"%s"}' % ("x" * 60000): "authenticated",
}


def request_errors(metrics, code):
    return metrics.sum("ticker_request_errors_total", code=code)


class Hostile(harness.IntegrationTest):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.tickerd = await self.start_tickerd([harness.simulator()], limits={"requests_per_s": 0})
        self.witness = await self.connect(self.tickerd)
        await self.witness.subscribe("*", interval_ms=0)

    def attacker(self):
        attacker = Attacker(self.tickerd.port)
        self.addCleanup(attacker.close)
        self.assertEqual(attacker.upgrade(), 101)
        return attacker

    async def assert_unharmed(self):
        frames = self.witness.frames
        await self.witness.until(lambda: self.witness.frames > frames + 5, "frames go on for the witness")
        async def connections():
            return (await self.tickerd.metrics()).sum("ticker_connections")
        await self.becomes(connections, 1, "of the connections only the witness's is left")

    async def test_each_breach_of_rfc_6455_is_closed_with_its_code(self):
        before = await self.tickerd.metrics()
        for name, (sent, code) in BROKEN_FRAMES.items():
            for pieces in ([sent], [sent[i:i + 1] for i in range(min(len(sent), 40))] + [sent[40:]]):
                with self.subTest(name, in_pieces=len(pieces) > 1):
                    attacker = self.attacker()
                    for piece in pieces:
                        attacker.send(piece)
                    self.assertEqual(attacker.close_code(), code)
                    attacker.close()
        await self.assert_unharmed()
        after = await self.tickerd.metrics()
        for code in (1002, 1003, 1007, 1009):
            self.assertEqual(
                after.sum("ticker_connections_closed_total", code=str(code))
                - before.sum("ticker_connections_closed_total", code=str(code)),
                2 * sum(expected == code for _, expected in BROKEN_FRAMES.values()), f"counted by code {code}")

    async def test_what_is_no_request_gets_one_error_each_and_the_connection_stays(self):
        attacker = self.attacker()
        self.assertEqual(self.replies(attacker, [text.encode() for text in NOT_REQUESTS]),
                         ["bad_request"] * len(NOT_REQUESTS))
        metrics = await self.tickerd.metrics()
        self.assertEqual(request_errors(metrics, "bad_request"), len(NOT_REQUESTS))
        self.assertEqual(metrics.sum("ticker_requests_total", op="malformed"), len(NOT_REQUESTS))
        attacker.close()
        await self.assert_unharmed()

    async def test_each_request_gets_exactly_one_reply(self):
        attacker = self.attacker()
        for (request, expected), got in zip(REQUESTS.items(), self.replies(attacker, [r.encode() for r in REQUESTS])):
            with self.subTest(request[:80]):
                self.assertEqual(got, expected)
        attacker.close()
        await self.assert_unharmed()

    async def test_an_id_comes_back_as_it_was_or_is_refused(self):
        attacker = self.attacker()
        for text, accepted in IDS.items():
            with self.subTest(text):
                attacker.send(frame(('{"op":"ping","id":%s}' % text).encode()))
                reply = self.next_reply(attacker)
                if accepted:
                    self.assertIn(f'"id":{text}', reply)
                    self.assertIn('"pong"', reply)
                else:
                    self.assertEqual(json.loads(reply)["code"], "bad_request")
                    self.assertNotIn("id", json.loads(reply))

    def replies(self, attacker, requests):
        """Sends one after another; the type of each reply, or the code of an error. A ping after each shows that there
        was just one."""
        kinds = []
        for number, request in enumerate(requests):
            attacker.send(frame(request) + frame(b'{"op":"ping","id":"after %d"}' % number))
            kinds.append(self.kind(self.next_reply(attacker)))
            self.assertEqual(json.loads(self.next_reply(attacker))["id"], f"after {number}", requests[number][:100])
        return kinds

    @staticmethod
    def kind(text):
        message = json.loads(text)
        return message["code"] if message["type"] == "error" else message["type"]

    def next_reply(self, attacker):
        for opcode, payload in attacker.frames():
            self.assertEqual(opcode, TEXT, payload)
            if json.loads(payload)["type"] not in ("hello", "snapshot", "delta", "heartbeat"):
                return payload.decode()
        raise AssertionError("the server cut")


if __name__ == "__main__":
    harness.main()
