// The npm package ws, as its documentation has a broadcast: send() to each client; no compression.
//   node ws.js UPSTREAM_PORT
const { WebSocketServer } = require('ws');
const lines = require('./lines');

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, clientTracking: false });
const clients_of = new Map(); // topic: sockets
const last = new Map(); // topic: latest message

server.on('connection', (socket) => {
  socket.on('message', (message) => {
    const topics = message.toString('latin1').split(' ').slice(1);
    for (const topic of topics) {
      if (!clients_of.has(topic)) {
        clients_of.set(topic, new Set());
      }
      clients_of.get(topic).add(socket);
      if (last.has(topic)) {
        socket.send(last.get(topic));
      }
    }
    socket.send('{"type":"subscribed"}');
    socket.on('close', () => topics.forEach((topic) => clients_of.get(topic).delete(socket)));
  });
});
server.on('listening', () => console.log('listening ' + server.address().port));

lines(Number(process.argv[2]), (topic, message) => {
  last.set(topic, message);
  // A Buffer is framed as it is, once for all.
  const data = Buffer.from(message, 'latin1');
  for (const socket of clients_of.get(topic) || []) {
    socket.send(data, { binary: false });
  }
});
