// Texts of entries: plain names, and patterns in which `*` stands for any run of characters.

const kMaxStars = 4;
const kMaxBytes = 128;
const kControl = /[\u0000-\u001f\u007f-\u009f]/;

export const isPlain = (text: string): boolean => !text.includes('*');

// Throws a RangeError that says what is wrong with a text which the service would refuse.
export function checkText(text: string): void {
  const wrong =
    text === '' ? 'is empty'
    : kControl.test(text) ? 'has control characters'
    : text.split('*').length - 1 > kMaxStars ? `has more than ${kMaxStars} stars`
    : new TextEncoder().encode(text).length > kMaxBytes ? `is longer than ${kMaxBytes} bytes`
    : undefined;
  if (wrong) throw new RangeError(`symbol or pattern ${JSON.stringify(text)} ${wrong}`);
}

export function matches(pattern: string, symbol: string): boolean {
  const parts = pattern.split('*');
  const first = parts[0] ?? '';
  if (parts.length === 1) return first === symbol;
  const last = parts[parts.length - 1] ?? '';
  if (symbol.length < first.length + last.length || !symbol.startsWith(first) || !symbol.endsWith(last)) return false;
  let at = first.length;
  const end = symbol.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = symbol.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

// Whether some symbol could match both. Of two patterns only what stands before the first star and after the last one can be at
// odds: whatever is between finds room between the other's stars.
export function overlap(a: string, b: string): boolean {
  if (isPlain(a)) return isPlain(b) ? a === b : matches(b, a);
  if (isPlain(b)) return matches(a, b);
  const startA = a.slice(0, a.indexOf('*'));
  const startB = b.slice(0, b.indexOf('*'));
  const endA = a.slice(a.lastIndexOf('*') + 1);
  const endB = b.slice(b.lastIndexOf('*') + 1);
  return (startA.startsWith(startB) || startB.startsWith(startA)) && (endA.endsWith(endB) || endB.endsWith(endA));
}

// Many texts that are asked often.
export class TextSet {
  readonly #plain: Set<string>;
  readonly #patterns: readonly string[];

  constructor(readonly texts: readonly string[]) {
    this.#plain = new Set(texts.filter(isPlain));
    this.#patterns = texts.filter((text) => !isPlain(text));
  }

  matches(symbol: string): boolean {
    return this.#plain.has(symbol) || this.#patterns.some((pattern) => matches(pattern, symbol));
  }
}
