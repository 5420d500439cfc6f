// Listeners by type of event: any number of them, as functions or the way the DOM does it.

export type Listener<E> = ((event: E) => void) | { handleEvent(event: E): void };

export class Emitter<Events> {
  readonly #listeners = new Map<keyof Events, Map<Listener<never>, boolean>>();

  // Returns what takes the listener away again.
  on<T extends keyof Events>(type: T, listener: Listener<Events[T]>): () => void {
    this.addEventListener(type, listener);
    return () => this.removeEventListener(type, listener);
  }

  // The same listener is added once only. `once`: it is taken away as it is called.
  addEventListener<T extends keyof Events>(
    type: T, listener: Listener<Events[T]>, options?: { readonly once?: boolean },
  ): void {
    const listeners = this.#listeners.get(type) ?? new Map<Listener<never>, boolean>();
    this.#listeners.set(type, listeners);
    if (!listeners.has(listener)) listeners.set(listener, options?.once ?? false);
  }

  removeEventListener<T extends keyof Events>(type: T, listener: Listener<Events[T]>): void {
    this.#listeners.get(type)?.delete(listener);
  }

  protected emit<T extends keyof Events>(type: T, event: Events[T]): void {
    const listeners = this.#listeners.get(type);
    if (!listeners) return;
    // Of a copy: a listener may add and remove others.
    for (const [listener, once] of [...listeners] as [Listener<Events[T]>, boolean][]) {
      if (once) listeners.delete(listener);
      call(() => (typeof listener === 'function' ? listener(event) : listener.handleEvent(event)));
    }
  }
}

// Calls what is the user's. Its exception is the user's too: it is reported as any uncaught one, and keeps nobody else from being
// called.
export function call(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    queueMicrotask(() => { throw error; });
  }
}
