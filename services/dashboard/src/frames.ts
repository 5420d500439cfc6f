// Work that is for the eye: at most once a frame of the display, and not at all while nobody looks.

export class Frames {
  #due = false;

  constructor(private readonly draw: (nowMs: number) => void) {}

  request(): void {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame((nowMs) => {
      this.#due = false;
      this.draw(nowMs);
    });
  }
}
