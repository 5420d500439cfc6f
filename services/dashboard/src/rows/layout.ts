// In which order the columns stand and what the rows are sorted by; kept, apart for narrow and wide screens.

import { load, save, type Shelf } from '../saved.js';

export interface Placed { readonly colId: string; readonly sort: 'asc' | 'desc' | null }

const kMostColumns = 64;

export class Layout {
  readonly #key: string;

  constructor(private readonly shelf: Shelf, narrow: boolean) { this.#key = narrow ? 'layout.narrow' : 'layout'; }

  // undefined: the user left everything as it was.
  get placed(): readonly Placed[] | undefined { return load(this.shelf, this.#key, placedOf); }

  keep(columns: readonly Placed[]): void { save(this.shelf, this.#key, columns.map(({ colId, sort }) => ({ colId, sort }))); }
}

function placedOf(value: unknown): Placed[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.slice(0, kMostColumns).flatMap((item: unknown): Placed[] => {
    const { colId, sort } = (typeof item === 'object' && item !== null ? item : {}) as Record<string, unknown>;
    return typeof colId === 'string' ? [{ colId, sort: sort === 'asc' || sort === 'desc' ? sort : null }] : [];
  });
}
