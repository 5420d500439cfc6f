"""The examples and the page hold what the schemas and the list of codes say, and the schemas bite."""

import copy
import json
import pathlib
import re
import unittest

from jsonschema import Draft202012Validator, RefResolver

PROTO = pathlib.Path(__file__).resolve().parent.parent


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


SCHEMAS = {path.stem: load(path) for path in sorted((PROTO / "schemas").glob("*.json"))}
STORE = {schema["$id"]: schema for schema in SCHEMAS.values()}
EXAMPLES = [load(path) for path in sorted((PROTO / "examples").glob("*.json"))]
CODES = load(PROTO / "codes.json")


def errors(kind, message):
    schema = SCHEMAS[kind]
    validator = Draft202012Validator(schema, resolver=RefResolver(schema["$id"], schema, store=STORE))
    return [error.message for error in validator.iter_errors(message)]


def good_examples():
    for example in EXAMPLES:
        for message in example["messages"]:
            if "code" not in message:
                yield example["kind"], json.loads(message["text"])


def declared_members(schema):
    """Names of members that a schema speaks of, through its references."""
    names = set(schema.get("properties", {}))
    if "$ref" in schema:
        pointer = schema["$ref"].rpartition("/")[2]
        names |= declared_members(SCHEMAS["common"]["$defs"][pointer])
    return names


class SchemasTest(unittest.TestCase):
    def test_every_schema_is_a_schema(self):
        for name, schema in SCHEMAS.items():
            with self.subTest(name):
                Draft202012Validator.check_schema(schema)
                self.assertEqual(schema["$id"], name + ".json")

    def test_every_kind_has_an_example_and_every_example_a_schema(self):
        kinds = {example["kind"] for example in EXAMPLES} - {"bad_requests"}
        self.assertEqual(kinds, set(SCHEMAS) - {"common"})

    def test_examples_fit_their_schema(self):
        for kind, message in good_examples():
            with self.subTest(message):
                self.assertEqual(errors(kind, message), [])

    def test_examples_hold_only_members_that_the_schema_knows(self):
        for kind, message in good_examples():
            known = declared_members(SCHEMAS[kind])
            self.assertEqual(set(message) - known, set(), kind)
            items = SCHEMAS[kind]["properties"].get("data", {}).get("items")
            for entry in message.get("data", []):
                self.assertEqual(set(entry) - declared_members(items), set(), kind)

    def test_a_message_without_a_required_member_fits_no_more(self):
        checked = 0
        for kind, message in good_examples():
            for member in SCHEMAS[kind].get("required", []):
                with self.subTest(kind=kind, without=member):
                    cut = copy.deepcopy(message)
                    del cut[member]
                    self.assertNotEqual(errors(kind, cut), [])
                    checked += 1
        self.assertGreater(checked, 50)

    def test_a_member_of_another_type_fits_no_more(self):
        for kind, message in good_examples():
            for member in message:
                with self.subTest(kind=kind, member=member):
                    broken = {**message, member: {"no": "such"}}
                    self.assertNotEqual(errors(kind, broken), [])

    def test_bad_requests_fit_no_schema_of_their_op(self):
        bad = next(example for example in EXAMPLES if example["kind"] == "bad_requests")
        for message in bad["messages"]:
            request = json.loads(message["text"])
            with self.subTest(message["text"]):
                if message["code"] == "unknown_op":
                    self.assertNotIn(request["op"], SCHEMAS)
                else:
                    self.assertNotEqual(errors(request["op"], request), [])

    def test_a_frame_has_a_version_or_more_to_come(self):
        for kind in ("snapshot", "delta", "trades"):
            lane = {} if kind == "trades" else {"lane": ""}
            both = {"type": kind, **lane, "version": 1, "more": True, "data": []}
            self.assertNotEqual(errors(kind, both), [])
            self.assertNotEqual(errors(kind, {"type": kind, **lane, "data": []}), [])


class CodesTest(unittest.TestCase):
    def test_codes_and_names_are_given_once(self):
        for kind, key in (("close", "number"), ("close", "name"), ("errors", "name")):
            values = [code[key] for code in CODES[kind]]
            self.assertEqual(len(values), len(set(values)))

    def test_examples_use_codes_of_the_list(self):
        names = {code["name"] for code in CODES["errors"]}
        text = "".join(path.read_text(encoding="utf-8") for path in (PROTO / "examples").glob("*.json"))
        used = set(re.findall(r'\\"code\\":\\"(\w+)\\"', text)) | set(re.findall(r'"code": "(\w+)"', text))
        self.assertGreater(len(used), 5)
        self.assertEqual(used - names, set())


class ReadmeTest(unittest.TestCase):
    page = (PROTO / "README.md").read_text(encoding="utf-8")

    def test_the_worked_session_fits_the_schemas(self):
        lines = re.findall(r"^([<>]) (\{.*\})$", self.page, re.MULTILINE)
        self.assertGreater(len(lines), 12)
        for direction, text in lines:
            with self.subTest(text):
                message = json.loads(text)
                kind = message["op"] if direction == ">" else message["type"]
                # The one name that a request and a message share.
                kind = "replay_state" if message.get("type") == "replay" else kind
                self.assertEqual(errors(kind, message), [])

    def test_the_tables_of_codes_are_the_list(self):
        for code in CODES["close"]:
            row = f"| {code['number']} | {code['name']} | {code['meaning']} | {'yes' if code['reconnect'] else 'no'} |"
            self.assertIn(row, self.page)
        for code in CODES["errors"]:
            self.assertIn(f"| {code['name']} | {code['meaning']} |", self.page)


if __name__ == "__main__":
    unittest.main()
