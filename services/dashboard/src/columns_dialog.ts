// Which columns there are, to be ticked.

import { element, make } from './elements.js';
import { kColumns } from './rows/columns.js';
import type { ColumnChoice } from './rows/choice.js';

export function offerColumns(choice: ColumnChoice, changed: () => void): void {
  const dialog = element<HTMLDialogElement>('columns-dialog');
  const list = element('columns-list');
  const boxes = kColumns.map(({ id, title, meaning }) => {
    const label = make('label', '', { title: meaning });
    const box = make('input', '', { type: 'checkbox', name: id }) as HTMLInputElement;
    label.append(box, make('span', title), make('small', meaning));
    list.append(label);
    box.addEventListener('change', () => {
      choice.choose(id, box.checked);
      changed();
    });
    return box;
  });
  const show = (): void => { for (const box of boxes) box.checked = choice.shown.has(box.name); };
  element('columns').addEventListener('click', () => {
    show();
    dialog.showModal();
  });
  element('columns-reset').addEventListener('click', () => {
    choice.reset();
    show();
    changed();
  });
  element('columns-close').addEventListener('click', () => dialog.close());
}
