// Conditional requests (RFC 9110 §13). The tag of a single resource has two parts, `"<version>.<hash>"`: the hash is of
// the whole representation and tells a reader that something is new; the version is that of the stored resource and
// guards writes, which must not fail because a station was heard meanwhile.

import { hash } from 'node:crypto';
import type { Visibility } from '../domain/index.ts';
import { refused } from './errors.ts';

/** The tag of a list: of its bytes. */
export function tagOfList(json: string): string {
  return `"${hashOf(json)}"`;
}

/**
 * The tag of a page that is known by its outline: of all that its bytes are made of, a fifth of them.
 *
 * @param form  how its rows are written
 * @param rest  what of the page is not its rows
 * @param state which rows in which versions
 */
export function tagOfPage(form: string, { tenantId }: Visibility, rest: string, state: string): string {
  return tagOfList([form, tenantId, rest, state].join('\n'));
}

/**
 * The tag of a single resource.
 *
 * @param updatedAt the version, as PostgreSQL's text of an instant
 */
export function tagOfSingle(updatedAt: string, json: string): string {
  return `"${versionOf(updatedAt)}.${hashOf(json)}"`;
}

/** Answers whether If-None-Match names the tag, so that the answer is 304. */
export function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return tagsIn(ifNoneMatch).some((known) => known === '*' || known.replace(/^W\//, '') === tag);
}

/**
 * Checks If-Match against a resource's version.
 *
 * @throws {RequestRefused} precondition_failed when it names other versions only
 */
export function requireVersion(ifMatch: string | undefined, updatedAt: string): void {
  if (ifMatch === undefined) return;
  const version = versionOf(updatedAt);
  if (tagsIn(ifMatch).some((tag) => tag === '*' || tag.startsWith(`"${version}.`))) return;
  throw changedSince();
}

export function changedSince() {
  return refused('precondition_failed', 'The resource was changed since it was read. Read it again.', {
    source: { header: 'If-Match' },
  });
}

const hashOf = (json: string) => hash('sha1', json, 'base64url');
const versionOf = (updatedAt: string) => updatedAt.replace(/\D/g, '');
const tagsIn = (header: string) => header.match(/\*|(?:W\/)?"[^"]*"/g) ?? [];
