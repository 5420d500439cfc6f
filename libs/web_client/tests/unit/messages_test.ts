import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { parse } from '../../src/messages.js';

const root = process.env['WEB_CLIENT'] ?? '';
const proto = join(root, '../../proto');

interface Example { kind: string; from: string; messages: { text: string }[] }
const examples = readdirSync(join(proto, 'examples'))
  .map((name) => JSON.parse(readFileSync(join(proto, 'examples', name), 'utf8')) as Example)
  .filter(({ from }) => from === 'server');

test('all that the service is shown to say can be read', () => {
  assert.ok(examples.length > 12);
  for (const { kind, messages } of examples) {
    const type = kind === 'replay_state' ? 'replay' : kind; // the one name that a request and a message share
    for (const { text } of messages) assert.equal(parse(text)?.type, type, text);
  }
});

test('a message without what it needs is none', () => {
  let refused = 0;
  for (const { kind, messages } of examples) {
    const schema = JSON.parse(readFileSync(join(proto, 'schemas', `${kind}.json`), 'utf8')) as { required: string[] };
    for (const member of schema.required.filter((name) => name !== 'type')) {
      const { [member]: _, ...rest } = JSON.parse(messages[0]?.text ?? '') as Record<string, unknown>;
      try {
        parse(JSON.stringify(rest));
      } catch (error) {
        assert.ok(error instanceof SyntaxError);
        refused += 1;
      }
    }
  }
  assert.ok(refused > 20, `${refused}`);
});

test('what is no message is refused', () => {
  for (const text of ['', '{', '[]', 'null', '1', '{}', '{"type":1}', '{"type":"snapshot","lane":"","data":[null]}',
    '{"type":"delta","lane":"","data":[{"symbol":1}]}', '{"type":"delta","lane":"","data":{}}']) {
    assert.throws(() => parse(text), SyntaxError, text);
  }
});

test('a type that is not known is let be', () => {
  for (const type of ['weather', 'constructor', '__proto__']) assert.equal(parse(JSON.stringify({ type })), undefined);
});

test('codes and fields are as proto/ has them', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/generate.mjs'), '--check'], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
});
