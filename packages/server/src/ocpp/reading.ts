// The one place that decides whether a station's socket is read: back-pressure by TCP, with nothing dropped.

import type { Connection } from './connection.ts';

// A station that keeps to OCPP 1.6J §4.1.1 has one call open. At this many waiting ones its socket is not read any
// more, so that TCP slows it down; what the last chunk from the socket still holds (≤ 64 KiB) is taken all the same.
const inboxLimit = 8;
const inboxResumesAt = 4;

/** Reads on or waits, by the connection as it is now: to be called after each change of its inbox, room or state. */
export function readOrWait(connection: Connection): void {
  const { webSocket, inbox, state } = connection;
  if (inbox.length >= inboxLimit) connection.isInboxFull = true;
  else if (inbox.length <= inboxResumesAt) connection.isInboxFull = false;
  // Of what was replaced nothing is taken any more, but its end must be seen.
  const isRead = state === 'replaced' || !(connection.isInboxFull || connection.awaitedRoom !== undefined);
  if (isRead && webSocket.isPaused) webSocket.resume();
  if (!isRead && !webSocket.isPaused) webSocket.pause();
}

/** Stops reading until the communication log has room. Never rejects. */
export async function waitForRoom(connection: Connection, room: Promise<void>): Promise<void> {
  connection.awaitedRoom = room;
  readOrWait(connection);
  await room;
  // It may be full again.
  if (connection.awaitedRoom !== room) return;
  connection.awaitedRoom = undefined;
  readOrWait(connection);
}
