// The table. It holds rows that it reads through: a change costs only what is in sight, where order stands for a second at a time.

import { createGrid, type GridApi, type IRowNode } from 'ag-grid-community';
import { kColumns } from '../rows/columns.js';
import type { Layout } from '../rows/layout.js';
import type { Row } from '../rows/row.js';
import type { Movement } from '../rows/rows.js';
import { WaitingRows } from '../rows/waiting.js';
import type { Matcher } from '../search.js';
import { common, definitions, kAge, leastWidth, type RowFacts } from './definitions.js';
import { registerModules } from './modules.js';
import { wholeWidths } from './whole.js';

export interface GridOwner extends RowFacts {
  chosen(row: Row): void;
  // How many rows there are now after search and filters.
  counted(shown: number): void;
}

// Rows that jump ten times a second can't be read.
const kReorderMs = 1000;
const kFlashMs = 250;
// 16 rows take a third of a frame at 60 Hz, by software; 40 in one miss the next.
const kRowsAFrame = 16;

// The theme's own are a font, which would have to be a data: address.
const drawn = (path: string): string =>
  `<svg viewBox="0 0 12 12" width="10" height="10" aria-hidden="true"><path d="${path}" fill="currentColor"/></svg>`;
const [kUp, kDown, kFunnel] = ['M6 2l5 7H1z', 'M6 10L1 3h10z', 'M1 1h10v1.5L7.3 6.5v4L4.7 9V6.5L1 2.5z'].map(drawn);
const kIcons = {
  sortAscending: kUp ?? '', sortDescending: kDown ?? '', filter: kFunnel ?? '', filterActive: kFunnel ?? '', smallDown: kDown ?? '',
  selectOpen: kDown ?? '',
};

export class Grid {
  readonly #api: GridApi<Row>;
  readonly #waiting = new WaitingRows();
  #matches: Matcher | undefined;
  #resized = false; // by the user, whose widths stay

  constructor(element: HTMLElement, private readonly owner: GridOwner, shown: ReadonlySet<string>, layout: Layout, private readonly narrow: boolean) {
    registerModules();
    this.#api = createGrid<Row>(element, {
      theme: 'legacy', // its styles are files: the page forbids styles made by scripts
      columnDefs: definitions(owner, shown, narrow),
      defaultColDef: { ...common(owner) },
      getRowId: ({ data }) => data.symbol,
      rowHeight: narrow ? 40 : 24, headerHeight: narrow ? 34 : 26,
      rowData: [],
      rowBuffer: 4,
      animateRows: false, suppressColumnMoveAnimation: true, suppressDragLeaveHidesColumns: true,
      cellFlashDuration: kFlashMs, cellFadeDuration: 0,
      columnMenu: 'new', icons: kIcons,
      tooltipShowDelay: 600,
      isExternalFilterPresent: () => this.#matches !== undefined,
      doesExternalFilterPass: ({ data }) => !data || (this.#matches?.(data.symbol) ?? true),
      onModelUpdated: ({ api }) => owner.counted(api.getDisplayedRowCount()),
      onCellClicked: ({ data, column }) => { if (data && column.getColId() !== 'watched') owner.chosen(data); },
      onCellKeyDown: (cell) => this.#key(cell.event as KeyboardEvent | null, cell.node, 'column' in cell ? cell.column.getColId() : ''),
      overlayNoRowsTemplate: '<p>No instruments</p>',
    });
    const { placed } = layout;
    if (placed) this.#api.applyColumnState({ state: [...placed], applyOrder: true, defaultState: { sort: null } });
    const keep = (): void => layout.keep(this.#api.getColumnState().map(({ colId, sort }) => ({ colId, sort: sort ?? null })));
    this.#api.addEventListener('sortChanged', keep);
    this.#api.addEventListener('columnMoved', ({ finished }) => { if (finished) keep(); });
    this.#api.addEventListener('columnResized', ({ source }) => { this.#resized ||= source === 'uiColumnResized'; });
    for (const event of ['firstDataRendered', 'gridSizeChanged', 'displayedColumnsChanged'] as const) {
      this.#api.addEventListener(event, () => this.#fit());
    }
    setInterval(() => this.#everySecond(), kReorderMs);
  }

  // Takes what moved, shows some of it, and says which rows in sight these are.
  update({ added, removed, changed }: Movement): Row[] {
    if (added.length > 0 || removed.length > 0) this.#api.applyTransaction({ add: [...added], remove: [...removed] });
    this.#waiting.add(changed);
    if (!this.isBehind) return [];
    const inSight = new Map(this.#api.getRenderedNodes().map((node) => [node.data, node]));
    const rowNodes = this.#waiting.take(kRowsAFrame, (row) => inSight.get(row));
    this.#refresh(rowNodes);
    return rowNodes.flatMap(({ data }) => data ?? []);
  }

  // Whether rows are left for the next frame.
  get isBehind(): boolean { return this.#waiting.size > 0; }

  search(matches: Matcher | undefined): void {
    this.#matches = matches;
    this.#api.onFilterChanged();
  }

  showColumns(shown: ReadonlySet<string>): void {
    for (const visible of [true, false]) {
      this.#api.setColumnsVisible(kColumns.filter(({ id }) => shown.has(id) === visible).map(({ id }) => id), visible);
    }
  }

  // What all rows look like may have changed: whether they are live, whether they are watched.
  restyle(): void { this.#api.refreshCells({ force: true, suppressFlash: true }); }

  // Puts the keyboard into the first row.
  focus(): void {
    if (this.#api.getDisplayedRowCount() > 0) this.#api.setFocusedCell(this.#api.getFirstDisplayedRowIndex(), 'symbol');
  }

  // The row in which the keyboard is.
  get focused(): Row | undefined {
    const cell = this.#api.getFocusedCell();
    return cell ? this.#api.getDisplayedRowAtIndex(cell.rowIndex)?.data : undefined;
  }

  #refresh(rowNodes: IRowNode<Row>[]): void {
    if (rowNodes.length === 0) return;
    const [turned, same] = [[] as IRowNode<Row>[], [] as IRowNode<Row>[]];
    for (const node of rowNodes) (this.#turned(node) ? turned : same).push(node);
    if (same.length > 0) this.#api.refreshCells({ rowNodes: same });
    if (turned.length > 0) this.#api.refreshCells({ rowNodes: turned, force: true, suppressFlash: true });
  }

  // Whether it was live and is not any more, or the other way round. Cells are restyled only if their own value changes.
  readonly #wasStale = new WeakMap<Row, boolean>();
  #turned({ data }: IRowNode<Row>): boolean {
    if (!data) return false;
    const stale = this.owner.isStale(data);
    const turned = this.#wasStale.get(data) !== stale;
    if (turned) this.#wasStale.set(data, stale);
    return turned;
  }

  #fit(): void {
    const { left, right } = this.#api.getHorizontalPixelRange();
    if (this.#resized || right <= left) return;
    const shown = this.#api.getDisplayedCenterColumns().flatMap((column) => kColumns.find(({ id }) => id === column.getColId()) ?? []);
    const widths = wholeWidths(shown.map((column) => leastWidth(column, this.narrow)), right - left);
    const changed = shown.map(({ id }, at) => ({ key: id, newWidth: widths[at] ?? 0 }))
      .filter(({ key, newWidth }) => this.#api.getColumn(key)?.getActualWidth() !== newWidth);
    if (changed.length > 0) this.#api.setColumnWidths(changed);
  }

  #everySecond(): void {
    if (document.hidden) return;
    this.#fit(); // a scrollbar that came or went tells nobody
    const moving = (id: string): boolean => id !== 'symbol' && id !== 'watched';
    const filters = Object.keys(this.#api.getFilterModel()).some(moving);
    const sorts = this.#api.getColumnState().some(({ colId, sort }) => sort && moving(colId));
    if (filters) this.#api.onFilterChanged();
    else if (sorts) this.#api.refreshClientSideRowModel('sort');
    this.#api.refreshCells({ columns: [kAge] });
  }

  #key(event: KeyboardEvent | null, { data }: IRowNode<Row>, column: string): void {
    if (!event || !data || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'w' || (column === 'watched' && (event.key === 'Enter' || event.key === ' '))) this.owner.watch(data);
    else if (event.key === 'Enter') this.owner.chosen(data);
  }
}
