// The address of the stream, from what users have at hand.

const kPath = '/v1/stream';
const kSchemes: Readonly<Record<string, string>> = { 'http:': 'ws:', 'https:': 'wss:', 'ws:': 'ws:', 'wss:': 'wss:' };

// Throws a SyntaxError that says what is wrong.
export function streamUrl(given: string): string {
  const base = (globalThis as { location?: { href: string } }).location?.href;
  let url: URL;
  try {
    url = new URL(given, base);
  } catch {
    throw new SyntaxError(`not an address: ${JSON.stringify(given)}`);
  }
  const scheme = kSchemes[url.protocol];
  if (!scheme) throw new SyntaxError(`not ws:, wss:, http: or https:: ${JSON.stringify(given)}`);
  url.protocol = scheme;
  url.hash = '';
  if (url.pathname === '/') url.pathname = kPath;
  return url.href;
}
