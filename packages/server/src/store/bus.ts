// What processes tell each other: hints, through PostgreSQL's NOTIFY, which delivers them when the transaction that tells
// commits. A hint can be lost (the connection that listens breaks), so whoever listens also looks now and then.

import { hash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client, ClientConfig } from 'pg';
import type { Logger } from 'pino';
import { connectedClient } from './connected_client.ts';
import type { Statement } from './database.ts';

/** Hears a message of a topic; undefined: some may have been missed. */
export type Heard = (message: string | undefined) => void;

export type Bus = {
  /** Calls `heard` for what any process, this one as well, tells of a topic. @returns what ends it */
  readonly listen: (topic: string, heard: Heard) => () => void;
  readonly close: () => Promise<void>;
};

const channelOfAll = 'chargeyard';
const connectsAgainAfterMs = 500;
// NOTIFY takes less than 8 000 bytes.
const longestMessage = 7_800;

/**
 * Answers the statement that tells something when its transaction commits.
 *
 * @param to      the name of one process, or undefined for all
 * @param message at most 7 800 bytes with its topic
 */
export function telling(to: string | undefined, topic: string, message: string): Statement {
  const payload = `${topic} ${message}`;
  if (Buffer.byteLength(payload) > longestMessage) throw new RangeError(`a message of ${topic} is too long`);
  return { text: 'select pg_notify($1, $2)', values: [channelOf(to), payload] };
}

/** Answers the SQL that tells all processes something when the transaction commits; the same once, however often it is said. */
export const tellingAll = (topic: string, message: string) =>
  `pg_notify('${channelOfAll}', '${topic} ' || ${message})`;

/** Answers the SQL that tells one process something; all arguments are SQL of texts. Called for a null, it tells nobody. */
export const tellingOne = (to: string, topic: string, message: string) =>
  `pg_notify('${channelOfAll}_' || md5(${to}), '${topic} ' || ${message})`;

/** Starts to listen as the process of the name; does so again, for as long as it takes, when the connection breaks. */
export function openBus({
  connection,
  node,
  log,
}: {
  connection: ClientConfig;
  node: string;
  log: Logger;
}): Bus {
  const ofTopics = new Map<string, Set<Heard>>();
  const stopped = new AbortController();
  let client: Client | undefined;

  function hear(payload: string): void {
    const [topic = '', message = ''] = payload.split(/ (.*)/s);
    for (const heard of ofTopics.get(topic) ?? []) heard(message);
  }

  async function listening(): Promise<Client> {
    const connected = await connectedClient(connection, 'chargeyard-bus');
    connected.on('notification', ({ payload = '' }) => hear(payload));
    await connected.query(`listen ${channelOfAll}; listen ${channelOf(node)}`);
    return connected;
  }

  async function stayConnected(): Promise<void> {
    while (!stopped.signal.aborted) {
      try {
        client = await listening();
      } catch (error) {
        log.warn({ err: error }, 'the bus could not be joined; it is tried again');
        await delay(connectsAgainAfterMs, undefined, { signal: stopped.signal }).catch(() => undefined);
        continue;
      }
      for (const heardOf of ofTopics.values()) for (const heard of heardOf) heard(undefined);
      await ended(client, stopped.signal);
    }
    await client?.end().catch(() => undefined);
  }

  const staying = stayConnected();
  return {
    listen(topic, heard) {
      const heardOf = ofTopics.get(topic) ?? new Set();
      ofTopics.set(topic, heardOf.add(heard));
      return () => heardOf.delete(heard);
    },
    async close() {
      stopped.abort();
      await staying;
    },
  };
}

async function ended(client: Client, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    client.once('end', resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Names of processes can be longer than names of channels, and have any characters. */
const channelOf = (node: string | undefined) =>
  node === undefined ? channelOfAll : `${channelOfAll}_${hash('md5', node)}`;
