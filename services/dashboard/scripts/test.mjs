// Builds the tests of a suite into a folder and runs them.
//
//   node scripts/test.mjs FOLDER unit

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const [folder, suite] = [resolve(process.argv[2]), process.argv[3]];
const tests = readdirSync(join(root, 'tests', suite)).filter((name) => name.endsWith('_test.ts'));
if (tests.length === 0) throw new Error(`no tests in tests/${suite}`);

const out = join(folder, suite);
await build({
  entryPoints: tests.map((name) => join(root, 'tests', suite, name)), outdir: out, outExtension: { '.js': '.cjs' },
  bundle: true, platform: 'node', format: 'cjs', target: 'node18', sourcemap: 'inline', logLevel: 'warning',
  tsconfig: join(root, 'tsconfig.json'),
});
const files = tests.map((name) => join(out, name.replace(/\.ts$/, '.cjs')));
const { status } = spawnSync(process.execPath, ['--enable-source-maps', '--test', '--test-reporter=spec', ...files],
  { stdio: 'inherit' });
process.exit(status ?? 1);
