// How a process reaches the embedded PostgreSQL: always through its Unix socket.

import { Client } from 'pg';
import type { Secrets } from './secrets.ts';

/**
 * For npm `pg`, complete: what is left out there would be filled from variables such as PGPORT and PGSSLMODE.
 * `host` is the socket's folder.
 */
export type DatabaseConnection = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly ssl: false;
};

/** Part of the socket's file name; nothing listens on TCP. */
export const socketPort = 5432;

/** Name of the role and of its database. */
export const roleName = 'chargeyard';

export function roleConnection(socketFolder: string, secrets: Secrets): DatabaseConnection {
  const role = { user: roleName, database: roleName, password: secrets.role };
  return { host: socketFolder, port: socketPort, ...role, ssl: false };
}

export function superuserConnection(socketFolder: string, secrets: Secrets): DatabaseConnection {
  const superuser = { user: 'postgres', database: 'postgres', password: secrets.superuser };
  return { host: socketFolder, port: socketPort, ...superuser, ssl: false };
}

/** SQLSTATE class 57: "the database system is starting up / shutting down" and kin; it is there, only not ready. */
export const notReadyCodes: readonly unknown[] = ['57P01', '57P02', '57P03'];

/** Connects, or throws pg's or the operating system's error. */
export async function connectedClient(
  connection: DatabaseConnection,
  applicationName: string,
): Promise<Client> {
  const client = new Client({
    ...connection,
    application_name: applicationName,
    connectionTimeoutMillis: 10_000,
  });
  // Without a listener a connection that is cut later would end the process; its loss shows as `end` too.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
