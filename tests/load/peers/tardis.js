// The npm package tardis-dev: its mappers of Binance USD-M trades and book tickers, called as its normalizeMessages calls them,
// but without a stream's promises. Tapes and commands as of feed_bench (libs/feed/bench):
//   node tardis.js TAPE…
const fs = require('fs');
const readline = require('readline');
const { normalizeTrades, normalizeBookTickers } = require('tardis-dev');

const RECEIVED = new Date(1700000000000);
const mappers = [normalizeTrades, normalizeBookTickers].map((make) => make('binance-futures', RECEIVED));

// {data, messages: where each begins and ends, by turns}
function read_tape(path) {
  const data = fs.readFileSync(path);
  const messages = [];
  for (let begin = 0, end; (end = data.indexOf(10, begin)) >= 0; begin = end + 1) {
    messages.push(data.indexOf(32, begin) + 1, end);
  }
  return { data, messages };
}

let entries = 0;
function pass({ data, messages }) {
  for (let i = 0; i < messages.length; i += 2) {
    const message = JSON.parse(data.toString('utf8', messages[i], messages[i + 1]));
    for (const mapper of mappers) {
      if (mapper.canHandle(message)) {
        for (const entry of mapper.map(message, RECEIVED)) {
          entries += entry.localTimestamp === RECEIVED;
        }
      }
    }
  }
}

const tapes = process.argv.slice(2).map(read_tape);
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const [, tape, count] = line.split(' ').map(Number);
  entries = 0;
  for (let i = 0; i < count; ++i) {
    pass(tapes[tape]);
  }
  console.log('passed ' + JSON.stringify({ refused: 0, entries }));
});
console.log('ready');
