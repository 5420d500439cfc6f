// The upstream's lines (src/load_upstream.cpp): TOPIC, tab, message. Calls `on_line(topic, message)` for each.
const net = require('net');

module.exports = function lines(port, on_line) {
  let rest = '';
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  socket.setEncoding('latin1');
  socket.on('data', (data) => {
    const text = rest + data;
    let begin = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', begin)) {
      const tab = text.indexOf('\t', begin);
      on_line(text.slice(begin, tab), text.slice(tab + 1, end));
      begin = end + 1;
    }
    rest = text.slice(begin);
  });
  socket.on('close', () => process.exit());
};
