// Certificates of a server that runs: read again when they change, and kept when the new ones are of no use.

import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTlsServer } from '../src/tls_server.ts';
import { testAuthority } from './certificates.ts';
import type { Certificate } from './certificates.ts';

const authority = testAuthority();
const first = authority.signs('/CN=first');
const second = authority.signs('/CN=second');

/** A server whose files are the first certificate's, and how to give it others. */
async function aTlsServer() {
  const folder = mkdtempSync(join(tmpdir(), 'chargeyard-tls-'));
  const files = { certificateFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') };
  const write = (certificate: Certificate, key = certificate) => {
    copyFileSync(certificate.certificateFile, files.certificateFile);
    copyFileSync(key.keyFile, files.keyFile);
  };
  write(first);
  const logged: string[] = [];
  const tls = await createTlsServer(
    { ...files, clientCaFile: undefined },
    {
      log: pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) }),
      newId: () => 'request',
      handleRequest: (_request, response) => void response.end('here'),
      handleUpgrade: (_request, socket) => void socket.destroy(),
      lookEveryMs: 20,
    },
  );
  tls.server.listen(0, '127.0.0.1');
  await once(tls.server, 'listening');
  const { port } = tls.server.address() as AddressInfo;
  const open: TLSSocket[] = [];
  const connected = async (): Promise<TLSSocket> => {
    const socket = connect({ port, host: '127.0.0.1', ca: authority.cert, servername: 'localhost' });
    open.push(socket);
    await once(socket, 'secureConnect');
    return socket;
  };
  const served = async () => (await connected()).getPeerCertificate().subject.CN;
  onTestFinished(async () => {
    tls.unwatch();
    for (const socket of open) socket.destroy();
    tls.server.close();
    tls.server.closeAllConnections();
    rmSync(folder, { recursive: true });
  });
  return { ...tls, files, folder, write, logged, connected, served };
}

describe('a server with TLS', () => {
  it('serves new certificates once their files have changed, and lets nobody go', async () => {
    const server = await aTlsServer();
    const old = await server.connected();
    expect(old.getPeerCertificate().subject.CN).toBe('first');
    server.write(second);
    await expect.poll(server.served, { timeout: 10_000 }).toBe('second');
    old.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const [answer] = (await once(old, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 200 /);
  });

  it('sees that a link leads to another file', async () => {
    const server = await aTlsServer();
    for (const [file, target] of [
      [server.files.certificateFile, second.certificateFile],
      [server.files.keyFile, second.keyFile],
    ] as const) {
      unlinkSync(file);
      symlinkSync(target, file);
    }
    await expect.poll(server.served, { timeout: 10_000 }).toBe('second');
  });

  it.each([
    [
      'are no certificates',
      (server: Awaited<ReturnType<typeof aTlsServer>>) => writeFileSync(server.files.certificateFile, 'x'),
    ],
    ['do not fit together', (server: Awaited<ReturnType<typeof aTlsServer>>) => server.write(second, first)],
    ['are gone', (server: Awaited<ReturnType<typeof aTlsServer>>) => unlinkSync(server.files.keyFile)],
  ])('keeps the old certificates when the new ones %s, and says so', async (_what, spoil) => {
    const server = await aTlsServer();
    spoil(server);
    await server.reload();
    expect(server.logged.join('')).toContain('new certificates cannot be used; the old ones are kept');
    expect(await server.served()).toBe('first');
    server.write(second);
    await server.reload();
    expect(await server.served()).toBe('second');
  });

  it('does not start with certificates that cannot be used', async () => {
    const files = {
      certificateFile: first.certificateFile,
      keyFile: second.keyFile,
      clientCaFile: undefined,
    };
    const deps = {
      log: pino({ level: 'silent' }),
      newId: () => 'request',
      handleRequest: () => undefined,
      handleUpgrade: () => undefined,
    };
    await expect(createTlsServer(files, deps)).rejects.toThrow(/^The certificates for TLS cannot be used: /);
    await expect(createTlsServer({ ...files, keyFile: '/nowhere' }, deps)).rejects.toThrow(/\/nowhere/);
  });
});
