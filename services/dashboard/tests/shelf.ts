// A browser's storage, in memory.

import type { Shelf } from '../src/saved.js';

export class MemoryShelf implements Shelf {
  readonly #kept = new Map<string, string>();
  full = false;

  constructor(kept: Readonly<Record<string, string>> = {}) {
    for (const [key, text] of Object.entries(kept)) this.#kept.set(key, text);
  }

  getItem(key: string): string | null { return this.#kept.get(key) ?? null; }

  setItem(key: string, text: string): void {
    if (this.full) throw new Error('QuotaExceededError');
    this.#kept.set(key, text);
  }
}
