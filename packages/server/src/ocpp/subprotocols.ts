// The OCPP versions we speak, by WebSocket subprotocol (OCPP 1.6J §3.1.2, table 1). A version is a row.

import type { IncomingMessage } from 'node:http';
import type { OcppVersion } from '@chargeyard/contract/remote_commands/index';
import type { ActionTable } from './rpc/call_answerer.ts';
import type { CommandTable } from './rpc/command.ts';
import { actionsOfV16 } from './v16/actions.ts';
import { commandsOfV16 } from './v16/remote_commands/index.ts';

export type SpokenVersion = {
  readonly ocppVersion: OcppVersion;
  /** What stations call. */
  readonly actions: ActionTable;
  /** What we call. */
  readonly commands: CommandTable;
};

export const versionOfSubprotocol: ReadonlyMap<string, SpokenVersion> = new Map([
  ['ocpp1.6', { ocppVersion: '1.6', actions: actionsOfV16, commands: commandsOfV16 }],
]);

/**
 * Chooses among the subprotocols that a station offers.
 *
 * @param offered in the station's order of preference (RFC 6455 §4.1)
 * @returns the first that we speak; undefined if there is none
 */
export function chosenSubprotocol(offered: Iterable<string>): string | undefined {
  for (const subprotocol of offered) {
    if (versionOfSubprotocol.has(subprotocol)) return subprotocol;
  }
  return undefined;
}

/** Answers the subprotocols that a handshake offers, also where they are no list that RFC 6455 would take. */
export function offeredSubprotocols({ headers }: IncomingMessage): string[] {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((text) => text.trim());
  return offered.filter((text) => text !== '');
}
