// An event as the stream and webhooks tell it, and the id that tells its place.

import type { EventPosition, StoredEvent } from '../store/index.ts';

/**
 * Answers the id of a place in the order of events: for others it is a text, which they bring back. The last number is the
 * instant in milliseconds.
 */
export function idOfPosition({ tx, seq, at }: EventPosition): string {
  return `${tx}-${seq}-${at.getTime()}`;
}

/** Answers the place of an id; undefined where a text is none. */
export function positionOfId(id: string): EventPosition | undefined {
  const [, tx, seq, at] = /^(\d{1,15})-(\d{1,15})-(\d{1,14})$/.exec(id) ?? [];
  return tx === undefined ? undefined : { tx: Number(tx), seq: Number(seq), at: new Date(Number(at)) };
}

/** What an event is as JSON: as the Standard Webhooks specification has it, with its id and its station. */
export function eventJson(event: StoredEvent): string {
  const { type, at, chargingStationId, data } = event;
  const members = { id: idOfPosition(event), type, timestamp: at.toISOString(), cpId: chargingStationId };
  return `${JSON.stringify(members).slice(0, -1)},"data":${data}}`;
}

/** An event in the stream (WHATWG HTML §9.2). JSON has no line breaks. */
export function eventFrame(event: StoredEvent): string {
  return `id: ${idOfPosition(event)}\nevent: ${event.type}\ndata: ${eventJson(event)}\n\n`;
}
