// The package as users get it.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';

const root = process.env['WEB_CLIENT'] ?? '';
const dist = join(process.env['WEB_CLIENT_OUT'] ?? '', 'dist');
const kMostGzipped = 12 * 1024;

function run(...command: string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8', cwd: root });
  assert.equal(status, 0, stdout + stderr);
}

run(join(root, 'scripts/build.mjs'), dist);
const script = readFileSync(join(dist, 'ticker.min.js'));

test('the script for browsers is small', () => {
  const gzipped = gzipSync(script, { level: 9 }).length;
  console.log(`ticker.min.js: ${script.length} bytes, ${gzipped} gzipped`);
  assert.ok(gzipped < kMostGzipped, `${gzipped} bytes gzipped, ${kMostGzipped} at most`);
});

test('script and module export the same', async () => {
  const page: { Ticker?: object } = {};
  runInNewContext(`${script.toString()};globalThis.Ticker = Ticker`, page);
  const module = (await import(join(dist, 'ticker.mjs'))) as object;
  assert.deepEqual(Object.keys(page.Ticker ?? {}).sort(), Object.keys(module).sort());
  assert.ok(Object.keys(module).includes('TickerClient'));
});

test('the example of the README fits the types, in which there is no any', () => {
  const [, example = ''] = /```ts\n([^]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  assert.ok(example.includes('new TickerClient'));
  const folder = join(dist, '../consumer');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'example.ts'), example);
  writeFileSync(join(folder, 'wrong.ts'), `import { TickerClient } from 'ticker-web-client';
new TickerClient('ws://x', { webSocket: WebSocket }).subscribe('a', (change) => {
  // @ts-expect-error a change is no any
  change.nothing;
  // @ts-expect-error quotes can't be written to
  change.quote.bid = '1';
});
`);
  const options = { strict: true, noEmit: true, target: 'es2022', module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom'],
    types: [], skipLibCheck: false, paths: { 'ticker-web-client': [join(dist, 'types/index.d.ts')] } };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options }));
  run(join(root, 'node_modules/typescript/bin/tsc'), '-p', folder);
});
