// Files that stations upload to us because a remote command asked them to: where to, with which right, under which name.

import { createHash } from 'node:crypto';
import type { RemoteCommand } from './remote_command.ts';

type Parameters = RemoteCommand['parameters'];

/** Below it are the URLs to upload to, on every host. */
export const uploadsPath = '/ocpp/uploads';

/** The right to upload one file, for as long as that has not succeeded. */
export type UploadGrant = { readonly tokenHash: string; readonly expiresAt: Date };

const uploadLastsMs = 24 * 60 * 60_000;
const tokenForm = /^[\w-]{64}$/;

/** Answers whether a command asks the station to upload something, and does not say where to. */
export function isUploadedHere(command: string, { location, log }: Parameters): boolean {
  if (command === 'get_diagnostics') return location === undefined;
  return command === 'get_log' && (log as Parameters | undefined)?.['remoteLocation'] === undefined;
}

/** Answers the parameters of such a command with the URL that the station uploads to. */
export function uploadedTo(url: string, command: string, parameters: Parameters): Parameters {
  return command === 'get_log'
    ? { ...parameters, log: { remoteLocation: url, ...(parameters['log'] as object | undefined) } }
    : { location: url, ...parameters };
}

/** Answers until when a station may upload, with all the attempts that the command allows. */
export function uploadExpiry({ retries, retryInterval }: Parameters, deadline: Date): Date {
  const attemptsMs = Number(retries ?? 0) * Number(retryInterval ?? 0) * 1_000;
  return new Date(deadline.getTime() + uploadLastsMs + Math.min(attemptsMs, 6 * uploadLastsMs));
}

/**
 * Answers the token of a URL to upload to: 64 characters of A–Z a–z 0–9 - _. It tells the tenant, in whose rows it is looked for.
 *
 * @param secret 256 bits, hexadecimal
 */
export function uploadToken(tenantId: string, secret: string): string {
  return Buffer.from(tenantId.replaceAll('-', '') + secret, 'hex').toString('base64url');
}

/** Answers the tenant that a token tells; undefined where it is none. */
export function tenantOfUploadToken(token: string): string | undefined {
  if (!tokenForm.test(token)) return undefined;
  const hex = Buffer.from(token, 'base64url').toString('hex', 0, 16);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** How a token is kept: it is random, so a plain hash tells nothing of it. */
export function uploadTokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Answers a text in which the tokens of URLs to upload to are not to be read. */
export function withoutUploadTokens(text: string): string {
  return text.replaceAll(/(\/ocpp\/uploads\/)[\w-]+/g, '$1…');
}

const longestName = 200;

/** Answers the name of a file as it is told, without folders and what nobody sees; undefined where nothing is left. */
export function fileNameIn(told: string | undefined): string | undefined {
  const name = told?.toWellFormed().split(/[/\\]/).at(-1)?.replaceAll(/\p{C}/gu, '').trim();
  return name === undefined || /^\.*$/.test(name) ? undefined : name.slice(0, longestName).toWellFormed();
}
