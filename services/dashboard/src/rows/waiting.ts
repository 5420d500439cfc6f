// Rows that are to be drawn. A frame has no time for all that changed at once, so each takes some: those that wait longest.

import type { Row } from './row.js';

export class WaitingRows {
  readonly #rows = new Set<Row>(); // in the order in which they began to wait

  get size(): number { return this.#rows.size; }

  add(rows: Iterable<Row>): void { for (const row of rows) this.#rows.add(row); }

  // What `find` finds of the next `most` rows in sight. A row for which it finds nothing is out of sight, and waits no more.
  take<Found>(most: number, find: (row: Row) => Found | undefined): Found[] {
    const taken: Found[] = [];
    for (const row of this.#rows) {
      const found = find(row);
      if (found !== undefined && taken.length === most) continue;
      this.#rows.delete(row);
      if (found !== undefined) taken.push(found);
    }
    return taken;
  }
}
