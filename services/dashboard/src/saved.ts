// What the user chose, kept in the browser. What is read back may be anything: older versions and other pages wrote it.

export interface Shelf {
  getItem(key: string): string | null;
  setItem(key: string, text: string): void;
}

// The browser's own, looked up at each use: where storage is forbidden already naming it throws.
export const shelf = (name: 'localStorage' | 'sessionStorage'): Shelf => ({
  getItem: (key) => globalThis[name].getItem(key),
  setItem: (key, text) => globalThis[name].setItem(key, text),
});

const kPrefix = 'ticker.';

// undefined: nothing is kept, or nothing that `check` takes.
export function load<T>(shelf: Shelf, key: string, check: (value: unknown) => T | undefined): T | undefined {
  try {
    return check(JSON.parse(shelf.getItem(kPrefix + key) ?? 'null'));
  } catch {
    return undefined; // not JSON, or storage is forbidden
  }
}

export function save(shelf: Shelf, key: string, value: unknown): void {
  try {
    shelf.setItem(kPrefix + key, JSON.stringify(value));
  } catch {
    // full or forbidden: the choice lasts as long as the page
  }
}

export const isKeyOf = (storageKey: string | null, key: string): boolean => storageKey === kPrefix + key;

// A list of different texts, as many as there may be.
export function texts(value: unknown, most: number): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return [...new Set(value.filter((item): item is string => typeof item === 'string'))].slice(0, most);
}
