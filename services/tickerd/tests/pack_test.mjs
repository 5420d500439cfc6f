// scripts/pack.mjs, on a small page.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

const kScript = fileURLToPath(new URL('../scripts/pack.mjs', import.meta.url));
const kText = 'const words = "to be or not to be";\n'.repeat(50);
const kPage = {
  'index.html': '<script type="module" src="/assets/app.js"></script><a href="/more.html">assets/app.js</a><img src=assets/icon.svg>',
  'more.html': '<link rel="stylesheet" href="./assets/app.css">',
  'assets/app.js': `import "./part.js"; // app.json is another\n${kText}`,
  'assets/part.js': kText,
  'assets/app.css': 'a { background: url(icon.svg) }',
  'assets/icon.svg': '<svg/>',
};

// A package whose build writes these files; npm is a script of the test's.
function scene(t, files, { npm = 'exit 0' } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'ticker-pack-'));
  t.after(() => rmSync(root, { recursive: true }));
  const write = (path, content) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  write('services/page/package-lock.json', '{}');
  write('services/page/scripts/build.mjs', `import { mkdirSync, writeFileSync } from 'node:fs'; import { dirname, join } from 'node:path';
    const files = ${JSON.stringify(files)};
    if (!files['index.html']) throw new Error('no page');
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(process.argv[2], path)), { recursive: true });
      writeFileSync(join(process.argv[2], path), text);
    }`);
  write('libs/web_client/src/index.ts', '');
  write('bin/npm', `#!/bin/sh\n${npm}\n`);
  chmodSync(join(root, 'bin/npm'), 0o755);
  const out = join(root, 'out');
  const run = spawnSync(process.execPath, [kScript, join(root, 'services/page'), out],
    { encoding: 'utf8', env: { ...process.env, PATH: `${join(root, 'bin')}:${process.env.PATH}` } });
  return { run, pack: join(out, 'page.pack') };
}

// path -> coding -> { type, caching, etag, bytes }
function read(pack) {
  const bytes = readFileSync(pack);
  let at = bytes.indexOf('\n\n') + 2;
  const [first, ...lines] = bytes.subarray(0, at - 2).toString().split('\n');
  assert.equal(first, 'ticker pack 1');
  const files = {};
  for (const line of lines) {
    const [path, type, caching, coding, etag, size] = line.split('\t');
    (files[path] ??= {})[coding] = { type, caching, etag, bytes: bytes.subarray(at, at += Number(size)) };
  }
  assert.equal(at, bytes.length);
  return files;
}

test('assets are named by their content, wherever they are named', (t) => {
  const { run, pack } = scene(t, kPage);
  assert.equal(run.status, 0, run.stderr);
  const files = read(pack);
  const text = (path) => files[path].identity.bytes.toString();
  const named = (pattern) => Object.keys(files).find((path) => pattern.test(path)) ?? assert.fail(`${pattern}: ${Object.keys(files)}`);
  const [app, part, icon, css] = [/^\/assets\/app\.[0-9a-f]{10}\.js$/, /^\/assets\/part\.\w+\.js$/, /^\/assets\/icon\.\w+\.svg$/,
    /^\/assets\/app\.\w+\.css$/].map(named);
  assert.equal(text('/'), `<script type="module" src="${app}"></script><a href="/more.html">assets/app.js</a><img src=${icon.slice(1)}>`);
  assert.equal(text('/more.html'), `<link rel="stylesheet" href=".${css}">`);
  assert.ok(text(app).startsWith(`import "./${part.slice('/assets/'.length)}"; // app.json is another\n`));
  assert.equal(text(css), `a { background: url(${icon.slice('/assets/'.length)}) }`);
  assert.equal(files[app].identity.caching, 'immutable');
  assert.equal(files['/'].identity.caching, 'no-cache');
  // What an asset refers to is part of its name.
  const other = read(scene(t, { ...kPage, 'assets/icon.svg': '<svg></svg>' }).pack);
  assert.ok(!(css in other) && app in other);
});

test('what gets smaller is compressed, each form with an ETag of its own', (t) => {
  const files = read(scene(t, kPage).pack);
  const [, part] = Object.entries(files).find(([path]) => path.startsWith('/assets/part.'));
  assert.deepEqual(Object.keys(part), ['br', 'gzip', 'identity']);
  assert.equal(brotliDecompressSync(part.br.bytes).toString(), kText);
  assert.equal(gunzipSync(part.gzip.bytes).toString(), kText);
  assert.equal(new Set(Object.values(part).map(({ etag }) => etag)).size, 3);
  const [, icon] = Object.entries(files).find(([path]) => path.startsWith('/assets/icon.'));
  assert.deepEqual(Object.keys(icon), ['identity']);
});

test('without a way to the packages the pack is empty, and made again by the next build', (t) => {
  const { run, pack } = scene(t, kPage, { npm: 'echo no network >&2; exit 1' });
  assert.equal(run.status, 0);
  assert.match(run.stderr, /warning: tickerd is built without the dashboard/);
  assert.equal(readFileSync(pack).length, 0);
  assert.equal(statSync(pack).mtimeMs, 0);
});

test('a page that does not build, or whose files are of no known type, is an error', (t) => {
  for (const files of [{}, { ...kPage, 'assets/tool.exe': 'MZ' }, { ...kPage, 'assets/part.js': 'import "./app.js"' }]) {
    assert.notEqual(scene(t, files).run.status, 0);
  }
});
