// Builds the pages into a folder (default: dist): index.html, operations.html, and what they need in assets/, under plain names.
//
//   node scripts/build.mjs [FOLDER]

import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(process.argv[2] ?? join(root, 'dist'));

rmSync(folder, { recursive: true, force: true });
await build({
  entryPoints: ['app', 'operations'].flatMap((page) => [join(root, `src/${page}.ts`), join(root, `styles/${page}.css`)]),
  outdir: join(folder, 'assets'), outbase: root, entryNames: '[name]',
  bundle: true, minify: true, format: 'esm', target: 'es2022', charset: 'utf8', legalComments: 'none', logLevel: 'warning',
  tsconfig: join(root, 'tsconfig.json'),
});
cpSync(join(root, 'pages/assets'), join(folder, 'assets'), { recursive: true });
// What both pages have stands once, in pages/parts/.
const part = (name) => readFileSync(join(root, `pages/parts/${name}.html`), 'utf8');
for (const page of ['index.html', 'operations.html']) {
  const text = readFileSync(join(root, 'pages', page), 'utf8');
  writeFileSync(join(folder, page), text.replace(/^ *<!-- part: (\w+) -->\n/gm, (_, name) => part(name)));
}
