// A WebSocket server on Node's https and ws, on a port of its own choosing:
//   node wss_echo.mjs CERTIFICATE KEY
// Prints the port. Echoes messages with "SNI " + the name that the client asked for ("-" if none) before them. Ends with its standard input.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { WebSocketServer } from 'ws';

const [certificate, key] = process.argv.slice(2);
const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) });
const sockets = new WebSocketServer({ server, perMessageDeflate: true });
sockets.on('connection', (socket, request) => {
  const name = request.socket.servername || '-';
  socket.on('message', (data, isBinary) => {
    if (String(data.subarray(0, 5)) === 'close') {
      socket.close(4001, 'as you wish');
    } else {
      socket.send(Buffer.concat([Buffer.from(`SNI ${name} `), data]), { binary: isBinary });
    }
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit(0)).resume();
