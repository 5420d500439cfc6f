// The µWebSockets core through its npm package, as its documentation has it: a topic an instrument, app.publish(), no compression.
//   node uwebsockets.js UPSTREAM_PORT [FLUSH_MS]
// With FLUSH_MS it is the relay that a team would write for conflation: of each client the instruments that changed since its last
// message, all clients flushed every FLUSH_MS.
const uws = require('uwebsockets');
const lines = require('./lines');

const [upstream, flush_ms] = process.argv.slice(2).map(Number);
const subscribed = '{"type":"subscribed"}';
const options = { compression: uws.DISABLED, idleTimeout: 0, maxBackpressure: 1024 * 1024 };
const app = uws.App();
const last = new Map(); // topic: latest message, or entry

function topics_of(message) {
  return Buffer.from(message).toString('latin1').split(' ').slice(1);
}

function publish_each_change() {
  app.ws('/*', {
    ...options,
    message: (socket, message) => {
      socket.cork(() => {
        for (const topic of topics_of(message)) {
          socket.subscribe(topic);
          if (last.has(topic)) {
            socket.send(last.get(topic));
          }
        }
        socket.send(subscribed);
      });
    },
  });
  lines(upstream, (topic, message) => {
    last.set(topic, message);
    app.publish(topic, message);
  });
}

function flush_what_changed() {
  const clients_of = new Map(); // topic: dirty sets of the clients that want it
  const clients = [];
  let version = 0;
  app.ws('/*', {
    ...options,
    message: (socket, message) => {
      const dirty = new Set();
      for (const topic of topics_of(message)) {
        if (!clients_of.has(topic)) {
          clients_of.set(topic, []);
        }
        clients_of.get(topic).push(dirty);
        if (last.has(topic)) {
          dirty.add(topic);
        }
      }
      clients.push({ socket, dirty });
      socket.send(subscribed);
    },
  });
  lines(upstream, (topic, entry) => {
    last.set(topic, entry);
    ++version;
    for (const dirty of clients_of.get(topic) || []) {
      dirty.add(topic);
    }
  });
  setInterval(() => {
    const head = '{"type":"delta","lane":"","version":' + version + ',"data":[';
    for (const { socket, dirty } of clients) {
      if (dirty.size > 0) {
        let data = '';
        for (const topic of dirty) {
          data += (data === '' ? '' : ',') + last.get(topic);
        }
        dirty.clear();
        socket.send(head + data + ']}');
      }
    }
  }, flush_ms);
}

flush_ms ? flush_what_changed() : publish_each_change();
app.listen('127.0.0.1', 0, (socket) => console.log('listening ' + uws.us_socket_local_port(socket)));
