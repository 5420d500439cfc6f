// The page's own elements, by their ids; a missing one is a mistake in the page.

export function element<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as E;
}

// Texts of the service and of venues only ever become text.
export function make(tag: string, text = '', attributes: Readonly<Record<string, string>> = {}): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// Leaves alone what is right already: screen readers and the renderer are told of changes only.
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
