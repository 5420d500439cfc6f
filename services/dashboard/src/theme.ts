// Light or dark: as the system has it, or as the user chose.

import { load, save, type Shelf } from './saved.js';

const kThemes = ['auto', 'light', 'dark'] as const;
type Theme = (typeof kThemes)[number];
const kSigns: Readonly<Record<Theme, string>> = { auto: '◐', light: '☀', dark: '☾' };

export class ThemeSwitch {
  #theme: Theme;

  constructor(private readonly button: HTMLElement, private readonly shelf: Shelf, private readonly changed: () => void) {
    this.#theme = load(shelf, 'theme', (value) => kThemes.find((theme) => theme === value)) ?? 'auto';
    this.#show();
    button.addEventListener('click', () => {
      this.#theme = kThemes[(kThemes.indexOf(this.#theme) + 1) % kThemes.length] ?? 'auto';
      save(this.shelf, 'theme', this.#theme);
      this.#show();
    });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.changed());
  }

  #show(): void {
    document.documentElement.dataset['theme'] = this.#theme;
    this.button.textContent = kSigns[this.#theme];
    this.button.setAttribute('aria-label', `Colours: ${this.#theme}`);
    this.button.title = `Colours: ${this.#theme}`;
    this.changed();
  }
}
