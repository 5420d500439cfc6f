// Who is told of an instrument: found once, and then known until watches come or go.

import { isPlain } from './pattern.js';
import type { Watch } from './watch.js';

export class Audience {
  readonly #watches = new Set<Watch>();
  #byName: Map<string, Watch[]> | undefined; // those that name the instrument; made when it is needed
  #byPattern: Watch[] = [];
  readonly #known = new Map<string, readonly Watch[]>();

  get all(): Iterable<Watch> { return this.#watches; }

  add(watch: Watch): void {
    this.#watches.add(watch);
    this.#forget();
  }

  remove(watch: Watch): void {
    this.#watches.delete(watch);
    this.#forget();
  }

  of(symbol: string): readonly Watch[] {
    const known = this.#known.get(symbol);
    if (known) return known;
    const byName = this.#byName ?? this.#index();
    const found = [...new Set([...byName.get(symbol) ?? [], ...this.#byPattern.filter((watch) => watch.texts.matches(symbol))])];
    this.#known.set(symbol, found);
    return found;
  }

  // An instrument that ended need not be remembered.
  ended(symbol: string): void { this.#known.delete(symbol); }

  #forget(): void {
    this.#byName = undefined;
    this.#known.clear();
  }

  #index(): Map<string, Watch[]> {
    const byName = new Map<string, Watch[]>();
    for (const watch of this.#watches) {
      for (const name of watch.symbols.filter(isPlain)) {
        const others = byName.get(name);
        if (others) others.push(watch);
        else byName.set(name, [watch]);
      }
    }
    this.#byPattern = [...this.#watches].filter((watch) => !watch.symbols.every(isPlain));
    this.#byName = byName;
    return byName;
  }
}
