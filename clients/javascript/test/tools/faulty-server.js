import net from 'node:net';
import { after } from 'node:test';

// A test that failed left its server: what the client still waits for there would keep the program.
const open = new Set();
after(() => Promise.all([...open].map((server) => server.close())));

/** A server that does with each call exactly what the test says, down to the bytes. `handle(call, reply)`. */
export async function faultyServer(handle, port = 0) {
  const sockets = new Set();
  const timers = new Set();
  const server = { calls: [], connections: 0, cut: 0, handle };
  const listener = net.createServer((socket) => {
    server.connections++;
    sockets.add(socket);
    socket.unref();
    socket.on('error', () => {});
    let endedByUs = false;
    socket.on('close', () => {
      sockets.delete(socket);
      if (!endedByUs) server.cut++;
    });
    const reply = {
      raw: (text) => socket.write(text),
      json: (status, value, headers = {}) => socket.write(answer(status, JSON.stringify(value), headers)),
      cut: () => {
        endedByUs = true;
        socket.destroy();
      },
      later: (milliseconds, act) => timers.add(setTimeout(act, milliseconds).unref()),
    };
    let heard = Buffer.alloc(0);
    socket.on('data', (part) => {
      heard = Buffer.concat([heard, part]);
      for (let call = read(heard); call; call = read(heard)) {
        heard = heard.subarray(call.length);
        call.number = server.calls.push(call);
        server.handle(call, reply);
      }
    });
  });
  await new Promise((resolve) => listener.listen(port, '127.0.0.1', resolve));
  listener.unref();
  server.port = listener.address().port;
  server.url = `http://127.0.0.1:${server.port}`;
  open.add(server);
  server.cutAll = () => { for (const socket of sockets) socket.destroy(); };
  server.close = () => {
    open.delete(server);
    for (const timer of timers) clearTimeout(timer);
    const closed = new Promise((resolve) => listener.close(resolve));
    for (const socket of sockets) socket.destroy();
    return closed;
  };
  return server;
}

export const answer = (status, body, headers = {}) =>
  `HTTP/1.1 ${status} X\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;

function read(heard) {
  const end = heard.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [first, ...lines] = heard.subarray(0, end).toString().split('\r\n');
  const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
  const length = end + 4 + Number(headers['content-length'] ?? 0);
  if (heard.length < length) return null;
  const body = heard.subarray(end + 4, length).toString();
  return { path: first.split(' ')[1], headers, length, text: body, body: JSON.parse(body) };
}
