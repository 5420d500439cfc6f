// What happened since the page was opened, newest on top.

import { element, make } from '../elements.js';
import { timeOfDay } from '../format.js';

const kMostLines = 200;

export class Journal {
  readonly #list = element('journal');

  note(us: number, what: string, state: string, reason = ''): void {
    const line = make('li', '', { 'data-state': state });
    const chip = make('span', state, { class: 'chip', 'data-state': state });
    line.append(make('time', timeOfDay(us)), make('strong', what), chip, make('span', reason));
    this.#list.prepend(line);
    if (this.#list.childElementCount > kMostLines) this.#list.lastElementChild?.remove();
  }
}
