// The grid's columns, from the page's.

import type { CellClassParams, ColDef, ICellRendererParams, ValueFormatterParams, ValueGetterParams } from 'ag-grid-community';
import { make } from '../elements.js';
import { approximate, duration, kNone } from '../format.js';
import { compareValues, kColumns, type Column } from '../rows/columns.js';
import type { Row } from '../rows/row.js';

export interface RowFacts {
  isStale(row: Row): boolean;
  isWatched(row: Row): boolean;
  // Since the service heard of it; undefined: it never did.
  ageMs(row: Row): number | undefined;
  watch(row: Row): void;
}

type Cell<T> = { readonly data: Row | undefined } & T;

export const kAge = 'age';
const kMostAgeShown = 1000;

export function definitions(facts: RowFacts, shown: ReadonlySet<string>, narrow: boolean): ColDef<Row>[] {
  const columns = kColumns.map((column) => definition(column, shown.has(column.id), narrow));
  return [star(facts, narrow), symbol(narrow), ...columns, { ...age(facts), hide: narrow }];
}

// What every column has in common: a row that nobody vouches for looks so in each of its cells.
export const common = (facts: RowFacts): ColDef<Row> => ({
  sortable: true, resizable: true, suppressHeaderMenuButton: true, minWidth: 44,
  cellClassRules: { stale: ({ data }: CellClassParams<Row>) => data !== undefined && facts.isStale(data) },
});

function star(facts: RowFacts, narrow: boolean): ColDef<Row> {
  return {
    colId: 'watched', headerName: 'Watched', headerTooltip: 'Watched', width: narrow ? 28 : 32, minWidth: 28, pinned: 'left', resizable: false,
    headerClass: 'quiet', suppressMovable: true, lockPosition: 'left', sortingOrder: ['desc', null],
    valueGetter: ({ data }: ValueGetterParams<Row>) => (data && facts.isWatched(data) ? 1 : 0),
    cellRenderer: ({ data }: ICellRendererParams<Row>) => (data ? starButton(data, facts) : ''),
    suppressKeyboardEvent: ({ event }) => event.key === 'Enter' || event.key === ' ',
  };
}

function starButton(row: Row, facts: RowFacts): HTMLElement {
  const watched = facts.isWatched(row);
  const button = make('button', watched ? '★' : '☆',
    { type: 'button', class: 'star', tabindex: '-1', 'aria-label': `Watch ${row.symbol}`, 'aria-pressed': String(watched) });
  button.addEventListener('click', (event) => {
    event.stopPropagation();
    facts.watch(row);
  });
  return button;
}

const symbol = (narrow: boolean): ColDef<Row> => ({
  colId: 'symbol', headerName: 'Symbol', width: narrow ? 104 : 176, minWidth: 96, pinned: 'left', lockPosition: 'left',
  filter: 'agTextColumnFilter', cellClass: 'symbol', valueGetter: ({ data }: ValueGetterParams<Row>) => data?.symbol, sort: 'asc', suppressMovable: true,
  cellRenderer: ({ data }: ICellRendererParams<Row>) => {
    const both = make('span', '', { class: 'both' });
    if (data) both.append(make('span', data.venue && `${data.venue}:`, { class: 'venue' }), make('span', data.name, { class: 'name' }));
    return both;
  },
});

export const leastWidth = ({ width }: Column, narrow: boolean): number => (narrow ? Math.round(width * 0.82) : width);

function definition(column: Column, shown: boolean, narrow: boolean): ColDef<Row> {
  const { id, title, meaning, kind, moves, signed } = column;
  const width = leastWidth(column, narrow);
  const value = (data: Row | undefined): string | number | undefined => data && column.value(data);
  return {
    colId: id, headerName: title, headerTooltip: meaning, width, minWidth: width, hide: !shown,
    valueGetter: ({ data }: ValueGetterParams<Row>) => value(data),
    valueFormatter: ({ data }: ValueFormatterParams<Row>) => (data ? column.text(data) : kNone),
    comparator: (a, b, _nodeA, _nodeB, descending) => compareValues(a as string, b as string, descending),
    filter: kind === 'number' ? 'agNumberColumnFilter' : 'agTextColumnFilter',
    filterValueGetter: ({ data }) => (kind === 'number' ? approximate(value(data)?.toString()) : value(data)),
    type: kind === 'number' ? 'rightAligned' : [],
    cellClass: kind === 'number' ? 'number' : [],
    enableCellChangeFlash: moves !== undefined,
    cellClassRules: {
      ...(moves && {
        up: ({ data }: Cell<CellClassParams<Row>>) => data?.direction[moves] === 1,
        down: ({ data }: Cell<CellClassParams<Row>>) => data?.direction[moves] === -1,
      }),
      ...(signed && {
        // By what is read: a fall that rounds to 0.00 has no colour.
        up: ({ data }: CellClassParams<Row>) => data !== undefined && column.text(data).startsWith('+'),
        down: ({ data }: CellClassParams<Row>) => data !== undefined && column.text(data).startsWith('-'),
      }),
    },
  };
}

// How long ago it changed; or that what is shown is not live.
const age = (facts: RowFacts): ColDef<Row> => ({
  colId: kAge, headerName: 'Age', headerTooltip: 'Since the last change; stale: nobody vouches for these values', width: 64,
  type: 'rightAligned', pinned: 'right',
  cellClass: ['number', 'age'], suppressMovable: true,
  valueGetter: ({ data }: ValueGetterParams<Row>) => {
    if (!data) return undefined;
    if (facts.isStale(data)) return Infinity;
    const ms = facts.ageMs(data);
    return ms === undefined ? undefined : ms < kMostAgeShown ? 0 : Math.floor(ms / 1000);
  },
  valueFormatter: ({ value }: ValueFormatterParams<Row, number>) =>
    value === Infinity ? 'stale' : value === undefined || value === null ? kNone : value === 0 ? '<1 s' : duration(value * 1000),
});
