// The other side: the independent `ocpp-rpc` as a central system in strict mode, which checks every frame against the
// OCA's schemas. Shares no line with the simulator.

import type { AddressInfo } from 'node:net';
import { RPCServer } from 'ocpp-rpc';
import type { IHandlersOption } from 'ocpp-rpc';
import { onTestFinished } from 'vitest';
import { EventLog } from './event_log.ts';

export type ReceivedCall = {
  readonly identity: string;
  readonly action: string;
  readonly payload: Record<string, unknown>;
};

type Peer = {
  readonly identity: string;
  readonly handshake: { readonly endpoint: string };
  handle(handler: (call: IHandlersOption) => unknown): void;
  on(event: 'strictValidationFailure', listener: (failure: { error: Error }) => void): void;
  call(action: string, payload: object): Promise<unknown>;
  close(options: { code?: number; force?: boolean }): Promise<unknown>;
};

/** Answers a call; undefined: as usual. */
type Answering = (call: ReceivedCall) => object | undefined | Promise<object>;

type BootAnswer = { readonly status: string; readonly interval: number };

export type CentralSystem = {
  readonly url: string;
  /** Stations' connections, in the order they came. */
  readonly peers: EventLog<Peer>;
  readonly calls: EventLog<ReceivedCall>;
  /** Schema violations in either direction. */
  readonly violations: string[];
  /** Handshakes: the password that came, undefined without. */
  readonly handshakes: EventLog<{ readonly identity: string; readonly password: string | undefined }>;
};

/**
 * Starts a central system on a free port, until the test ends; the test fails if a frame broke a schema.
 *
 * @param boots   answers to the BootNotifications, in order; the last one is repeated. Default: Accepted, 300 s
 * @param refusals HTTP statuses of the first handshakes; the later ones are accepted
 * @param answering what is answered otherwise than usual: every driver token is accepted, transactions are numbered from 1
 */
export async function centralSystem({
  boots = [{ status: 'Accepted', interval: 300 }],
  refusals = [],
  answering = () => undefined,
}: {
  boots?: readonly BootAnswer[];
  refusals?: readonly number[];
  answering?: Answering;
} = {}): Promise<CentralSystem> {
  const server = new RPCServer({ protocols: ['ocpp1.6'], strictMode: true });
  const peers = new EventLog<Peer>();
  const calls = new EventLog<ReceivedCall>();
  const handshakes: CentralSystem['handshakes'] = new EventLog();
  const violations: string[] = [];
  let bootCount = 0;
  let transactionCount = 0;
  const idTagInfo = { status: 'Accepted' };
  const usual: Readonly<Record<string, () => object>> = {
    Authorize: () => ({ idTagInfo }),
    BootNotification: () => ({
      currentTime: new Date().toISOString(),
      ...boots[Math.min(bootCount++, boots.length - 1)],
    }),
    Heartbeat: () => ({ currentTime: new Date().toISOString() }),
    StartTransaction: () => ({ transactionId: (transactionCount += 1), idTagInfo }),
  };

  server.auth((accept, reject, { identity, password }) => {
    const refusal = refusals[handshakes.all.length];
    if (refusal === undefined) accept();
    else reject(refusal, 'no');
    handshakes.push({ identity, password: password?.toString() });
  });
  server.on('client', (peer: Peer) => {
    peer.on('strictValidationFailure', ({ error }) => violations.push(String(error)));
    peer.handle(({ method: action = '', params: payload = {} }) => {
      const call = { identity: peer.identity, action, payload };
      calls.push(call);
      return answering(call) ?? usual[action]?.() ?? {};
    });
    peers.push(peer);
  });

  const http = await server.listen(0, '127.0.0.1');
  onTestFinished(async () => {
    await server.close({ force: true });
    if (violations.length > 0) throw new Error(`Frames broke their schema: ${violations.join('; ')}`);
  });
  const { port } = http.address() as AddressInfo;
  return { url: `ws://127.0.0.1:${port}/ocpp/demo`, peers, calls, violations, handshakes };
}
