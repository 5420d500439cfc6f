// A client of the service on Node's `ws`, holding state the way PROTOCOL part 3 allows it to: the twin of client.py.
//
//   node client.mjs URL
//
// Takes one command a line on standard input and answers each with one line of JSON on standard output:
//   {"do":"open"}                     connects; answers the hello
//   {"do":"request","message":{…}}    sends a request; answers its one reply
//   {"do":"send","message":{…}}       sends a request without an id and waits for nothing
//   {"do":"cut"}                      drops the socket without a word
//   {"do":"pause"} {"do":"resume"}    stops and goes on reading from the socket
//   {"do":"state"}                    answers {held, epoch, versions, frames, closed, faults}
// Ends when standard input does.

import { createRequire } from 'node:module';
import readline from 'node:readline';

const WebSocket = createRequire(new URL('../node/package.json', import.meta.url))('ws');

const url = process.argv[2];
const held = new Map();
const versions = {};
const replies = new Map(); // id -> function that takes the reply
const resuming = new Map(); // id -> the request's symbols
const faults = [];
let epoch = null;
let frames = 0;
let nextId = 1;
let socket = null;
let hello = null;
let onHello = null;
let closed = null;

function matcher(pattern) {
  const escaped = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`);
}

function forget(patterns) {
  const matchers = patterns.map(matcher);
  for (const symbol of [...held.keys()]) {
    if (matchers.some((m) => m.test(symbol))) held.delete(symbol);
  }
}

function merge(kind, { symbol, new: isNew, removed, ...fields }) {
  if (removed) held.delete(symbol);
  else if (kind === 'snapshot' || isNew) held.set(symbol, fields);
  else if (!held.has(symbol)) faults.push(`a delta of ${symbol}, of which nothing is held`);
  else Object.assign(held.get(symbol), fields);
}

function onFrame(message, size) {
  frames += 1;
  const lane = message.lane ?? '';
  if (size > hello.limits.frame_bytes) faults.push(`a frame of ${size} bytes`);
  if (!message.more) {
    if (message.version < (versions[lane] ?? 0)) faults.push(`version of lane '${lane}' went back`);
    versions[lane] = message.version;
  }
  for (const entry of message.data) merge(message.type, entry);
}

function onReply(message) {
  const symbols = resuming.get(message.id);
  resuming.delete(message.id);
  if (message.type === 'subscribed') {
    if (symbols && !message.resumed) {
      forget(symbols);
      delete versions[message.lane ?? ''];
    }
    epoch = message.epoch;
  }
  const take = replies.get(message.id);
  replies.delete(message.id);
  if (take) take(message);
  else faults.push(`a reply that nobody waits for: ${JSON.stringify(message)}`);
}

function onMessage(data) {
  const message = JSON.parse(data);
  if (message.type === 'hello') {
    hello = message;
    epoch ??= message.epoch;
    onHello(message);
  } else if (message.type === 'snapshot' || message.type === 'delta') {
    onFrame(message, data.length);
  } else if (message.type === 'epoch') {
    held.clear();
    for (const lane of Object.keys(versions)) delete versions[lane];
    epoch = message.epoch;
  } else if (message.id !== undefined) {
    onReply(message);
  }
}

function open() {
  return new Promise((resolve, reject) => {
    closed = null;
    onHello = resolve;
    const opened = new WebSocket(url, ['ticker.v1.json'], { perMessageDeflate: false });
    opened.on('message', (data) => {
      try {
        onMessage(data);
      } catch (error) {
        faults.push(String(error));
      }
    });
    opened.on('close', (code) => { if (opened === socket) closed = code; });
    opened.on('error', (error) => reject(error));
    socket = opened;
  });
}

function cut() {
  return new Promise((resolve) => {
    socket.on('close', () => resolve({}));
    socket.terminate();
  });
}

function request(message) {
  return new Promise((resolve) => {
    const id = nextId;
    nextId += 1;
    if (message.since) resuming.set(id, message.symbols);
    replies.set(id, resolve);
    socket.send(JSON.stringify({ ...message, id }));
  });
}

async function run(command) {
  switch (command.do) {
    case 'open': return open();
    case 'request': return request(command.message);
    case 'send': socket.send(JSON.stringify(command.message)); return {};
    case 'cut': return cut();
    case 'pause': socket.pause(); return {};
    case 'resume': socket.resume(); return {};
    case 'state': return { held: Object.fromEntries(held), epoch, versions, frames, closed, faults };
    default: throw new Error(`unknown command ${command.do}`);
  }
}

const input = readline.createInterface({ input: process.stdin });
for await (const line of input) {
  process.stdout.write(`${JSON.stringify(await run(JSON.parse(line)))}\n`);
}
socket?.terminate();
