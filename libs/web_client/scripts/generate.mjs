// Writes the sources that say again what proto/ says: src/codes.ts and src/fields.ts.
//
//   node scripts/generate.mjs           writes them
//   node scripts/generate.mjs --check   exit code 1 if one of them is not what would be written

import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const read = (path) => JSON.parse(readFileSync(new URL(`../../../proto/${path}`, import.meta.url), 'utf8'));
const text = (value) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const made = (from) => `// Made from proto/${from} by scripts/generate.mjs: change that, then \`npm run generate\`.\n`;

function codes() {
  const { close, errors } = read('codes.json');
  const rows = close.map(({ number, name, meaning, reconnect }) =>
    `  ${number}: { name: ${text(name)}, meaning: ${text(meaning)}, reconnect: ${reconnect} },`);
  return `${made('codes.json')}
// Why a connection was closed.
export const kCloseCodes = {
${rows.join('\n')}
} as const;

export const CloseCode = {
${close.map(({ number, name }) => `  ${name}: ${number},`).join('\n')}
} as const;

// What was wrong with a request.
export const kErrorCodes = {
${errors.map(({ name, meaning }) => `  ${name}: ${text(meaning)},`).join('\n')}
} as const;

export type ErrorCode = keyof typeof kErrorCodes;
`;
}

const kTypes = {
  decimal_or_null: 'string | null',
  venue_or_null: 'string | null',
  time_us: 'number',
  side: "'buy' | 'sell'",
};

function typeOf(schema) {
  if (schema.$ref) return kTypes[schema.$ref.split('/').at(-1)];
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' | ');
  return { boolean: 'boolean', integer: 'number', null: 'null' }[schema.type];
}

function fields() {
  const { $defs } = read('schemas/common.json');
  const names = $defs.field.enum;
  const members = names.map((name) => {
    const type = typeOf($defs.entry_fields.properties[name]);
    if (!type) throw new Error(`proto/schemas/common.json: field ${name} is of a type that is not known here`);
    return `  readonly ${name}?: ${type};`;
  });
  return `${made('schemas/common.json')}
// What an instrument can have, in the order of the service.
export const kFields = [
${names.map((name) => `  ${text(name)},`).join('\n')}
] as const;

export type Field = (typeof kFields)[number];

// What is held of an instrument. Numbers are texts, exact; null: the value ceased to exist; absent: the venue never gave it,
// or nobody asked for it.
export interface Quote {
${members.join('\n')}
}
`;
}

let stale = false;
for (const [file, content] of [['codes.ts', codes()], ['fields.ts', fields()]]) {
  const path = new URL(`../src/${file}`, import.meta.url);
  if (existsSync(path) && readFileSync(path, 'utf8') === content) continue;
  if (process.argv.includes('--check')) {
    console.error(`src/${file} is not what proto/ says: npm run generate`);
    stale = true;
  } else {
    writeFileSync(path, content);
  }
}
process.exit(stale ? 1 : 0);
