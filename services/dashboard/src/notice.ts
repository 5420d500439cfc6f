// One line for what went wrong, for as long as it takes to read it.

import { element, setText } from './elements.js';

const kShownMs = 8000;
let shown = 0;

export function notice(text: string): void {
  const mine = shown += 1;
  setText(element('notice'), text);
  setTimeout(() => { if (mine === shown) setText(element('notice'), ''); }, kShownMs);
}
