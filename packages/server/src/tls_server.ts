// The same server over TLS, on a port of its own: HTTP and WebSockets as on the other. Certificates are read again when
// their files change, for connections made from then on; those that are open stay.

import { readFile } from 'node:fs/promises';
import { unwatchFile, watchFile } from 'node:fs';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { createSecureContext } from 'node:tls';
import type { SecureContextOptions } from 'node:tls';
import type { Logger } from 'pino';
import { answerNoRequest, connectionOptions } from './http_server.ts';

// Looking at the files finds what a notice of the file system does not tell: a link that leads elsewhere, as Kubernetes
// changes a secret.
const lookEveryMs = 5_000;
// Who connects and says nothing must not stay.
const handshakeMs = 30_000;

export type TlsFiles = {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Undefined: no client is asked for a certificate. */
  readonly clientCaFile: string | undefined;
};

export type TlsServer = {
  readonly server: Server;
  /** Reads the files now, as when they change. Never rejects: with files that cannot be used, it goes on with the old ones. */
  readonly reload: () => Promise<void>;
  /** No longer looks at the files. */
  readonly unwatch: () => void;
};

/**
 * Makes the server; it listens on nothing yet. Clients are asked for a certificate and need not have one: API clients have
 * none. Whether one that has come counts is decided at the door (peer.ts).
 *
 * @throws {Error} in a sentence, when the files cannot be used
 */
export async function createTlsServer(
  files: TlsFiles,
  deps: {
    readonly log: Logger;
    readonly newId: () => string;
    readonly handleRequest: (request: IncomingMessage, response: ServerResponse) => void;
    readonly handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
    readonly lookEveryMs?: number;
  },
): Promise<TlsServer> {
  const { log } = deps;
  const server = createServer(
    {
      ...connectionOptions,
      ...(await usable(files)),
      requestCert: files.clientCaFile !== undefined,
      rejectUnauthorized: false,
      handshakeTimeout: handshakeMs,
    },
    deps.handleRequest,
  );
  server.on('upgrade', deps.handleUpgrade);
  server.on('clientError', (error, socket) => answerNoRequest(error, socket, deps.newId()));
  server.on('tlsClientError', (error, socket) => {
    log.debug({ err: error, remoteAddress: socket.remoteAddress }, 'a TLS handshake failed');
  });

  async function reload(): Promise<void> {
    try {
      server.setSecureContext(await usable(files));
      log.info('certificates were read again');
    } catch (error) {
      log.error({ err: error }, 'new certificates cannot be used; the old ones are kept');
    }
  }

  const watched = [files.certificateFile, files.keyFile, files.clientCaFile].filter(
    (file) => file !== undefined,
  );
  const onChange = () => void reload();
  for (const file of watched) {
    watchFile(file, { interval: deps.lookEveryMs ?? lookEveryMs, persistent: false }, onChange);
  }
  return {
    server,
    reload,
    unwatch: () => {
      for (const file of watched) unwatchFile(file, onChange);
    },
  };
}

/** Answers what the files hold, after a test that it fits together. */
async function usable({ certificateFile, keyFile, clientCaFile }: TlsFiles): Promise<SecureContextOptions> {
  try {
    const options: SecureContextOptions = {
      cert: await readFile(certificateFile),
      key: await readFile(keyFile),
      ...(clientCaFile === undefined ? {} : { ca: await readFile(clientCaFile) }),
    };
    createSecureContext(options);
    return options;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The certificates for TLS cannot be used: ${reason}`, { cause });
  }
}
