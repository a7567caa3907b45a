import { connect } from 'node:net';
import { pino } from 'pino';
import { createHttpServer } from '/work/wt/two_step/packages/server/src/http_server.ts';
const server = createHttpServer({ log: pino({ level: 'silent' }), newId: () => 'id', trustedProxies: [] });
server.post('/x', async () => 'ok');
await server.listen({ port: 0, host: '127.0.0.1' });
const port = (server.server.address() as any).port;
const t0 = Date.now();
for (const [name, text] of [['body', 'POST /x HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\ncontent-length: 10\r\n\r\nabc'], ['headers', 'POST /x HTTP/1.1\r\nhost: a\r\n']]) {
  const s = connect(port, '127.0.0.1', () => s.write(text));
  let got = ''; s.on('data', (d) => (got += d)); s.on('close', () => console.log(name, Date.now() - t0, got.split('\r\n')[0], got.slice(-150)));
}
setTimeout(() => process.exit(), 70000);
