// Which columns are shown; kept, apart for narrow and wide screens.

import { load, save, texts, type Shelf } from '../saved.js';
import { kColumns } from './columns.js';

export class ColumnChoice {
  readonly #key: string;
  #shown: ReadonlySet<string>;

  constructor(private readonly shelf: Shelf, private readonly narrow: boolean) {
    this.#key = narrow ? 'columns.narrow' : 'columns';
    const known = (ids: readonly string[]): string[] => ids.filter((id) => kColumns.some((column) => column.id === id));
    this.#shown = new Set(known(load(shelf, this.#key, (value) => texts(value, kColumns.length)) ?? this.#usual()));
  }

  get shown(): ReadonlySet<string> { return this.#shown; }

  choose(id: string, shown: boolean): void {
    const chosen = new Set(this.#shown);
    if (shown) chosen.add(id);
    else chosen.delete(id);
    this.#set(chosen);
  }

  reset(): void { this.#set(new Set(this.#usual())); }

  #set(shown: ReadonlySet<string>): void {
    this.#shown = shown;
    save(this.shelf, this.#key, [...shown]);
  }

  #usual(): string[] {
    return kColumns.filter(({ from }) => from === 'phone' || (from === 'desktop' && !this.narrow)).map(({ id }) => id);
  }
}
