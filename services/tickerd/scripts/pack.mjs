// Makes of the dashboard the one file that tickerd holds: builds the page, names its assets by their content, and compresses what
// gets smaller. The file: a line `ticker pack 1`; a line a form of a file: path, type, caching, coding, ETag and size with tabs
// between; an empty line; the bytes of the forms in that order.
//
//   node scripts/pack.mjs PACKAGE FOLDER
//
// PACKAGE: the dashboard's npm package. FOLDER gets page.pack, page.pack.d (what it was made of, for the build) and dist/. Where npm
// can't get the packages (no network), page.pack is empty, with a warning, and so old that the next build tries again. A page that
// does not build is an error.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { extname, join, posix, resolve } from 'node:path';
import { argv, execPath, exit } from 'node:process';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const kTypes = {
  '.css': 'text/css; charset=utf-8', '.html': 'text/html; charset=utf-8', '.ico': 'image/x-icon', '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json', '.png': 'image/png', '.svg': 'image/svg+xml', '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json', '.woff2': 'font/woff2',
};
const kWithReferences = ['.css', '.html', '.js', '.svg', '.webmanifest'];
const kPacked = ['.png', '.woff2']; // compressed by themselves
const kSkippedFolders = ['node_modules', 'dist', 'tests', 'examples', 'screenshots'];

const hashOf = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

function filesIn(folder, prefix = '') {
  return readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(prefix, entry.name);
    if (entry.isDirectory()) return kSkippedFolders.includes(entry.name) ? [] : filesIn(folder, path);
    return [path];
  }).sort();
}

// The bytes of a file with the names of assets replaced by those with their hash: where they stand in quotes, brackets or after `=`,
// with or without a way to them.
function rewritten(path, bytes, names) {
  if (!kWithReferences.includes(extname(path))) return bytes;
  let text = bytes.toString('utf8');
  for (const [plain, hashed] of names) {
    const [short, shortHashed] = [plain, hashed].map((name) => name.slice('assets/'.length));
    const inAssets = path.startsWith('assets/');
    const name = `((?:\\.{0,2}/)*${inAssets ? '(?:assets/)?' : 'assets/'})${short.replaceAll('.', '\\.')}`;
    text = text.replace(new RegExp(`(["'(=])${name}(?=["')?#\\s>])`, 'g'), (_, before, way) => before + way + shortHashed);
  }
  return Buffer.from(text);
}

// By their new names. An asset is named once all assets that it refers to are.
function hashed(files) {
  const done = new Map();
  const names = new Map();
  const assets = new Map([...files].filter(([path]) => path.startsWith('assets/')));
  while (assets.size > 0) {
    const free = [...assets].filter(([path, bytes]) => {
      const others = [...assets.keys()].filter((other) => other !== path).map((other) => [other, 'assets/\0']);
      return rewritten(path, bytes, others).equals(bytes);
    });
    if (free.length === 0) throw new Error(`assets refer to one another in a circle: ${[...assets.keys()].join(', ')}`);
    for (const [path, bytes] of free) {
      const content = rewritten(path, bytes, names);
      const extension = extname(path);
      const name = `${path.slice(0, -extension.length)}.${hashOf(content).slice(0, 10)}${extension}`;
      names.set(path, name);
      done.set(name, content);
      assets.delete(path);
    }
  }
  for (const [path, bytes] of files) if (!path.startsWith('assets/')) done.set(path, rewritten(path, bytes, names));
  return done;
}

function formsOf(path, bytes) {
  const identity = ['identity', bytes];
  if (kPacked.includes(extname(path))) return [identity];
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  const forms = [['br', brotli], ['gzip', gzipSync(bytes, { level: 9 })]];
  return [...forms.filter(([, form]) => form.length < bytes.length * 0.9), identity];
}

function packOf(dist) {
  const files = new Map(filesIn(dist).filter((path) => !path.endsWith('.map')).map((path) => [path, readFileSync(join(dist, path))]));
  const lines = ['ticker pack 1'];
  const bodies = [];
  for (const [path, bytes] of hashed(files)) {
    const type = kTypes[extname(path)];
    if (!type) throw new Error(`${path}: of a type that has no Content-Type here`);
    const where = path === 'index.html' ? '/' : `/${path}`;
    for (const [coding, form] of formsOf(path, bytes)) {
      const etag = `"${hashOf(bytes)}${coding === 'identity' ? '' : `-${coding}`}"`;
      lines.push([where, type, path.startsWith('assets/') ? 'immutable' : 'no-cache', coding, etag, form.length].join('\t'));
      bodies.push(form);
    }
  }
  return Buffer.concat([Buffer.from(`${lines.join('\n')}\n\n`), ...bodies]);
}

// The files and folders that a change of makes another page.
function sourcesOf(folder) {
  const files = filesIn(folder).map((path) => join(folder, path));
  return [...new Set(files.flatMap((file) => [file, resolve(file, '..')]))];
}

function install(folder) {
  const lock = join(folder, 'node_modules/.package-lock.json');
  if (existsSync(lock) && statSync(lock).mtimeMs >= statSync(join(folder, 'package-lock.json')).mtimeMs) return;
  execFileSync('npm', ['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=1'],
    { stdio: ['ignore', 'inherit', 'inherit'] });
}

const [folder, out] = [resolve(argv[2]), resolve(argv[3])];
const pack = join(out, 'page.pack');
const tell = (sources) => writeFileSync(`${pack}.d`, `${pack}: ${sources.map((file) => file.replaceAll(' ', '\\ ')).join(' ')}\n`);
mkdirSync(out, { recursive: true });
try {
  install(folder);
} catch (error) {
  console.error(`warning: tickerd is built without the dashboard: ${error.message}`);
  tell([join(folder, 'package-lock.json')]);
  writeFileSync(pack, '');
  utimesSync(pack, 0, 0);
  exit(0);
}
const dist = join(out, 'dist');
execFileSync(execPath, [join(folder, 'scripts/build.mjs'), dist], { stdio: ['ignore', 'inherit', 'inherit'] });
writeFileSync(pack, packOf(dist));
tell([...sourcesOf(folder), ...sourcesOf(resolve(folder, '../../libs/web_client/src'))]);
