// Calls of stations: those of a connection are answered one after the other, in their order, each after its commit.

import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type {
  CertificateAnswer,
  CertificateApplicant,
  DriverAuthorization,
  FactResult,
  Said,
  ShownDriverToken,
  StationFact,
} from '../domain/index.ts';
import type { AdmissionDeps } from './admission.ts';
import { proofOf } from './authentication.ts';
import type { BootAdmission } from './boot_admission.ts';
import { logged } from './connection.ts';
import type { Connection, TakenFrame } from './connection.ts';
import { readOrWait } from './reading.ts';
import type { Answer } from './rpc/call_answerer.ts';
import { callErrorText, callResultText } from './rpc/frames.ts';

// Unsent answers of one station, in bytes, above which its next call waits until they are out.
const unsentLimit = 64 * 1024;

export type IncomingCallsDeps = {
  readonly log: Logger;
  readonly clock: Clock;
  readonly admitBoot: (connectionId: string) => BootAdmission;
  readonly driverAuthorization: (token: ShownDriverToken, now: Date) => Promise<DriverAuthorization>;
  /** Signs a certificate signing request (PEM), or answers why not. Never rejects. */
  readonly certify: (csr: string, applicant: CertificateApplicant) => Promise<CertificateAnswer>;
  readonly findStationAccess: AdmissionDeps['findStationAccess'];
  /** Notes what was said; a promise of room where the communication log has none. */
  readonly note: (connection: Connection, what: Said) => Promise<void> | undefined;
  /** Makes the connection's opening durable. */
  readonly announce: (connection: Connection) => Promise<void>;
  readonly record: (fact: StationFact) => Promise<FactResult<StationFact>>;
};

export function createIncomingCalls(deps: IncomingCallsDeps) {
  const { log, clock, announce, record } = deps;

  /** Answers what is in the inbox, until it is empty. Never rejects. Not to be called while it runs. */
  async function answerAll(connection: Connection): Promise<void> {
    const { inbox } = connection;
    for (let frame = inbox.shift(); frame !== undefined; frame = inbox.shift()) {
      const { text, said } = await answerTo(connection, frame);
      await send(connection, text);
      await deps.note(connection, said);
      readOrWait(connection);
    }
  }

  async function answerTo(connection: Connection, frame: TakenFrame) {
    const { messageId } = frame;
    const receivedAt = clock.now();
    const answer: Answer =
      frame.kind === 'broken_call'
        ? { error: frame.error, deviations: [] }
        : await connection.version.answerCall(
            frame,
            {
              station: connection.station,
              receivedAt,
              admitBoot: () => deps.admitBoot(connection.station.connectionId),
              authorizationOf: (value) =>
                deps.driverAuthorization({ tenantId: connection.station.tenantId, value }, receivedAt),
              certify: async (csr) => deps.certify(csr, await applicantOf(connection)),
              habits: connection.habits,
            },
            (facts) => keep(connection, facts),
          );
    const { deviations } = answer;
    if (deviations.length > 0) connection.deviatingCalls += 1;
    const latencyMs = clock.now().getTime() - receivedAt.getTime();
    if (log.isLevelEnabled('debug')) {
      const action = frame.kind === 'call' ? frame.action.slice(0, 50) : undefined;
      const code = 'error' in answer ? answer.error.code : undefined;
      log.debug(
        { ...logged(connection), messageId, action, code, deviations, tookMs: latencyMs },
        'call answered',
      );
    }
    const text =
      'error' in answer ? callErrorText(messageId, answer.error) : callResultText(messageId, answer.payload);
    return { text, said: saidOf(frame, { at: receivedAt, answer, latencyMs }) };
  }

  /** A certificate lasts longer than the connection: what this one was opened with must be the station's still. */
  async function applicantOf({ admitted }: Connection): Promise<CertificateApplicant> {
    const { slug, identity, chargingStationId, proof } = admitted;
    const station = (await deps.findStationAccess(slug, identity))?.station;
    const isProven = proof !== undefined && station?.id === chargingStationId && proofOf(station) === proof;
    return { chargingStationId, identity, isProven };
  }

  async function keep(
    connection: Connection,
    facts: readonly StationFact[],
  ): Promise<readonly FactResult<StationFact>[] | undefined> {
    if (facts.length === 0) return [];
    if (!connection.isAnnounced) await announce(connection);
    if (connection.state === 'replaced') return undefined;
    const results = await Promise.all(facts.map(record));
    for (const fact of facts) {
      if (fact.kind === 'booted' || fact.kind === 'connector_reported') connection.isStateTold = true;
      if (fact.kind !== 'booted') continue;
      connection.habits = { ...connection.habits, vendor: fact.vendor, model: fact.model };
    }
    return results;
  }

  return { answerAll };
}

/** What a frame and its answer are in the communication log. */
function saidOf(
  frame: TakenFrame,
  { at, answer, latencyMs }: { at: Date; answer: Answer; latencyMs: number },
) {
  if (frame.kind === 'broken_call') {
    const { messageId, text, error } = frame;
    return { kind: 'broken_frame', at, messageId, text, error } as const;
  }
  const { kind, action, messageId, payload } = frame;
  const { deviations } = answer;
  const direction = 'from_station';
  const said = 'error' in answer ? { error: answer.error } : { payload: answer.payload };
  return { kind, at, direction, action, messageId, payload, answer: said, latencyMs, deviations } as const;
}

async function send(connection: Connection, text: string): Promise<void> {
  const { webSocket } = connection;
  if (webSocket.readyState !== webSocket.OPEN) return;
  if (webSocket.bufferedAmount <= unsentLimit) {
    webSocket.send(text);
    return;
  }
  connection.isSendBlocked = true;
  await new Promise<void>((resolve) => webSocket.send(text, () => resolve()));
  connection.isSendBlocked = false;
}
