// Builds the package into a folder (default: dist): ticker.mjs, ticker.min.js (for <script>: the global `Ticker`) and types/.
//
//   node scripts/build.mjs [FOLDER]

import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(process.argv[2] ?? join(root, 'dist'));
const common = { entryPoints: [join(root, 'src/index.ts')], bundle: true, target: 'es2022', charset: 'utf8', logLevel: 'warning' };

await build({ ...common, format: 'esm', outfile: join(folder, 'ticker.mjs') });
await build({ ...common, format: 'iife', globalName: 'Ticker', minify: true, outfile: join(folder, 'ticker.min.js') });
execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.json'),
  '--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--outDir', join(folder, 'types')], { stdio: 'inherit' });
