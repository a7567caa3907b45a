// Which driver tokens a station knows by itself: the central system's local list (OCPP 1.6 §3.5.2, §5.15), and the cache of
// what Authorize was answered (§3.5.1). Driver tokens are the same in upper and lower case.

import type { Configuration } from './configuration.ts';
import { longestLocalList, mostInSendLocalList } from './configuration.ts';

export type IdTagInfo = {
  readonly status: string;
  readonly expiryDate?: string;
  readonly parentIdTag?: string;
};

export type LocalListUpdate = {
  readonly version: number;
  readonly isFull: boolean;
  /** Without info: the driver token is taken off the list. */
  readonly entries: readonly { readonly idTag: string; readonly info: IdTagInfo | undefined }[];
};

const mostCached = 100;

export class Authorizations {
  readonly #configuration: Configuration;
  #version = 0;
  #list: Map<string, IdTagInfo> | undefined;
  #cache: Map<string, IdTagInfo> | undefined;

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  /** Of the local list; 0 while there is none, -1 while it is switched off (OCPP 1.6 §5.10). */
  get listVersion(): number {
    return this.#configuration.isOn('LocalAuthListEnabled') ? this.#version : -1;
  }

  /** @see OCPP 1.6 §5.15 Send Local List */
  updateList({ version, isFull, entries }: LocalListUpdate): string {
    if (!this.#configuration.isOn('LocalAuthListEnabled')) return 'NotSupported';
    const isTwice = new Set(entries.map(({ idTag }) => idTag.toLowerCase())).size < entries.length;
    if (isTwice || entries.length > mostInSendLocalList) return 'Failed';
    if (isFull && entries.some(({ info }) => info === undefined)) return 'Failed';
    if (!isFull && version <= this.#version) return 'VersionMismatch';
    const list = new Map(isFull ? [] : this.#list);
    for (const { idTag, info } of entries) {
      if (info === undefined) list.delete(idTag.toLowerCase());
      else list.set(idTag.toLowerCase(), info);
    }
    if (list.size > longestLocalList) return 'Failed';
    this.#list = list;
    this.#version = version;
    return 'Accepted';
  }

  /** Answers what is known of a driver token without asking; undefined when nothing is. */
  find(idTag: string): IdTagInfo | undefined {
    const name = idTag.toLowerCase();
    const listed = this.#configuration.isOn('LocalAuthListEnabled') ? this.#list?.get(name) : undefined;
    return listed ?? this.#cache?.get(name);
  }

  remember(idTag: string, info: IdTagInfo): void {
    if (!this.#configuration.isOn('AuthorizationCacheEnabled')) return;
    const cache = (this.#cache ??= new Map());
    const [oldest] = cache.keys();
    if (cache.size >= mostCached && oldest !== undefined) cache.delete(oldest);
    cache.set(idTag.toLowerCase(), info);
  }

  /** @returns whether there is a cache to clear */
  clearCache(): boolean {
    this.#cache = undefined;
    return this.#configuration.isOn('AuthorizationCacheEnabled');
  }
}

export function isAccepted(info: IdTagInfo | undefined): boolean {
  if (info?.status !== 'Accepted') return false;
  return info.expiryDate === undefined || Date.parse(info.expiryDate) > Date.now();
}

/** Answers the `idTagInfo` of an answer; undefined when it has none. */
export function idTagInfoIn(value: unknown): IdTagInfo | undefined {
  if (typeof value !== 'object' || value === null || !('status' in value)) return undefined;
  return value as IdTagInfo;
}
