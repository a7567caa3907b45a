// Who is at the other end of a WebSocket handshake, which Fastify does not see: the host that was asked, the address, and
// what TLS tells. Behind a trusted proxy it is what the proxy forwards; nobody else's headers are believed.

import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { TLSSocket } from 'node:tls';
import { clientCertificateIn, forwardedCertificate } from './client_certificate.ts';
import type { ClientCertificate } from './domain/index.ts';
import { trustedBy, withoutPort } from './hosts.ts';

export type Peer = {
  readonly host: string | undefined;
  readonly address: string;
  /** It came over TLS. */
  readonly isEncrypted: boolean;
  readonly clientCertificate: ClientCertificate | undefined;
};

/**
 * Answers a function that tells who sent a request.
 *
 * @param trustedProxies IP addresses and CIDR networks
 * @param clientCertificateHeader the one in which they forward a client certificate, if they do
 */
export function peerBehind({
  trustedProxies,
  clientCertificateHeader,
}: {
  trustedProxies: readonly string[];
  clientCertificateHeader: string | undefined;
}): (request: IncomingMessage) => Peer {
  const isTrusted = trustedBy(trustedProxies);
  return (request) => {
    const { headers, socket } = request;
    const peer = socket.remoteAddress ?? '';
    if (!isTrusted(peer)) {
      return {
        host: headers.host,
        address: plainAddress(peer),
        isEncrypted: socket instanceof TLSSocket,
        clientCertificate: ownCertificate(socket),
      };
    }
    const forwarded = (name: string) => lastOf(headers[name]);
    const certificate =
      clientCertificateHeader === undefined ? undefined : headers[clientCertificateHeader.toLowerCase()];
    return {
      host: forwarded('x-forwarded-host') ?? headers.host,
      address: plainAddress(clientAddress(headers['x-forwarded-for'], peer, isTrusted)),
      isEncrypted: /^(https|wss)$/i.test(
        forwarded('x-forwarded-proto') ?? (socket instanceof TLSSocket ? 'https' : 'http'),
      ),
      clientCertificate: certificate === undefined ? undefined : forwardedCertificate(String(certificate)),
    };
  };
}

function ownCertificate(socket: IncomingMessage['socket']): Peer['clientCertificate'] {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const certificate = socket.getPeerX509Certificate();
  return certificate && clientCertificateIn(certificate);
}

/** As Fastify does: of several proxies' values the last one's, which is the nearest to us. */
function lastOf(header: string | readonly string[] | undefined): string | undefined {
  return header === undefined ? undefined : String(header).split(',').at(-1)?.trim();
}

/** The nearest address that is no trusted proxy's; each proxy has added the one that it was asked from. */
function clientAddress(
  forwardedFor: string | readonly string[] | undefined,
  peer: string,
  isTrusted: (address: string) => boolean,
): string {
  let nearest = peer;
  for (const entry of String(forwardedFor ?? '')
    .split(',')
    .toReversed()) {
    const address = withoutPort(entry.trim());
    if (isIP(address) === 0) return nearest;
    nearest = address;
    if (!isTrusted(address)) return nearest;
  }
  return nearest;
}

/** A socket that listens on IPv6 shows an IPv4 address as a mapped one (RFC 4291 §2.5.5.2). */
const plainAddress = (address: string) => address.replace(/^::ffff:(?=[\d.]+$)/i, '');
