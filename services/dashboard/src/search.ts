// What is typed into the search box: `btc kraken` is both words anywhere; `kraken:*`, `*-USDT` is a pattern of the whole symbol or
// of its part after the venue; a comma separates alternatives. Case is nothing.

export type Matcher = (symbol: string) => boolean;

const kMostLength = 200;

export function matcher(text: string): Matcher {
  const alternatives = text.slice(0, kMostLength).toLowerCase().split(',')
    .map((alternative) => alternative.split(/\s+/).filter((word) => word !== '').map(wordMatcher))
    .filter((words) => words.length > 0);
  if (alternatives.length === 0) return () => true;
  return (symbol) => {
    const lower = symbol.toLowerCase();
    return alternatives.some((words) => words.every((word) => word(lower)));
  };
}

function wordMatcher(word: string): Matcher {
  const parts = word.split('*');
  if (parts.length === 1) return (symbol) => symbol.includes(word);
  return (symbol) => fits(parts, symbol) || fits(parts, symbol.slice(symbol.indexOf(':') + 1));
}

// In linear time: each part as early as it can stand.
function fits(parts: readonly string[], text: string): boolean {
  const [first = '', last = ''] = [parts[0], parts.at(-1)];
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
