// What the client needs of where it runs: time, chance, sockets, and the page's own events.

export interface Socket {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  terminate?(): void; // of Node's `ws`
}

// A browser's `WebSocket`, Node's own, or `ws`.
export type SocketClass = new (url: string, protocols: string[]) => Socket;

// online: the network is back; offline: it is gone; shown: the page is looked at again; woken: the machine slept.
export type PageEvent = 'online' | 'offline' | 'shown' | 'woken';

const kLookMs = 1_000;
// The wall's clock is set by less than this in daily life; if it is by more, all that follows is a needless ping.
const kSleptMs = 3_000;

export interface Host {
  // Milliseconds of a clock that never goes back.
  now(): number;
  // Returns what cancels it.
  setTimer(delayMs: number, callback: () => void): () => void;
  // From 0 to just below 1.
  random(): number;
  openSocket(url: string, protocols: string[]): Socket;
  // Returns what ends the watching.
  watchPage(listener: (event: PageEvent) => void): () => void;
}

export function defaultHost(socketClass: SocketClass | undefined): Host {
  return {
    now: () => performance.now(),
    setTimer: (delayMs, callback) => {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    random: () => Math.random(),
    openSocket: (url, protocols) => {
      const Class = socketClass ?? (globalThis as { WebSocket?: SocketClass }).WebSocket;
      if (!Class) throw new Error('there is no WebSocket here: give one in options.webSocket (in Node, `ws`)');
      return new Class(url, protocols);
    },
    watchPage: (listener) => {
      const rest = watchSleep(() => listener('woken'));
      if (typeof document === 'undefined') return rest;
      const online = (): void => listener('online');
      const offline = (): void => listener('offline');
      const shown = (): void => { if (document.visibilityState === 'visible') listener('shown'); };
      addEventListener('online', online);
      addEventListener('offline', offline);
      document.addEventListener('visibilitychange', shown);
      return () => {
        rest();
        removeEventListener('online', online);
        removeEventListener('offline', offline);
        document.removeEventListener('visibilitychange', shown);
      };
    },
  };
}

// Where the clock that timers go by stands still while the machine sleeps, only the wall's tells of it.
function watchSleep(woken: () => void): () => void {
  const lead = (): number => Date.now() - performance.now();
  let before = lead();
  const timer = setInterval(() => {
    const now = lead();
    const slept = now - before > kSleptMs;
    before = now;
    if (slept) woken();
  }, kLookMs);
  return () => clearInterval(timer);
}
