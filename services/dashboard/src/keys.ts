// Keys that work anywhere on the page, but where one types.

import { element } from './elements.js';
import type { Grid } from './grid/grid.js';

export interface Keyboard {
  readonly search: HTMLInputElement;
  readonly grid: Grid;
  choose(view: 'all' | 'watchlist'): void;
  close(): void;
}

export function listenToKeys({ search, grid, choose, close }: Keyboard): void {
  const help = element<HTMLDialogElement>('help-dialog');
  element('help').addEventListener('click', () => help.showModal());
  element('help-close').addEventListener('click', () => help.close());

  search.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && search.value !== '') {
      event.preventDefault();
      search.value = '';
      search.dispatchEvent(new Event('input'));
    } else if (event.key === 'Enter' || event.key === 'ArrowDown') {
      event.preventDefault();
      grid.focus();
    }
  });
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || types(event.target)) return;
    const actions: Readonly<Record<string, () => void>> = {
      '/': () => search.focus(), g: () => grid.focus(), '1': () => choose('all'), '2': () => choose('watchlist'),
      '?': () => help.showModal(), Escape: close,
    };
    const action = actions[event.key];
    if (!action || document.querySelector('dialog[open]')) return;
    event.preventDefault();
    action();
  });
}

const types = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'SELECT', 'TEXTAREA'].includes(target.tagName));
