// Finds a host's addresses: in the system's hosts file, then at its name servers, over sockets of their own. The system's own
// look-up (getaddrinfo, Node's dns.lookup) runs in the thread pool: a name server that never answers would hold all of its
// threads, and files, passwords and other receivers would wait.

import { Resolver } from 'node:dns/promises';
import type { LookupAddress } from 'node:dns';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { addressesInHosts, namesToAskFor, searchListIn } from './host_files.ts';

/** Answers a host's addresses, at least one. Throws {Unreachable} where it has none, or the signal was aborted. */
export type HostLookup = (host: string, signal: AbortSignal) => Promise<LookupAddress[]>;

/** There is nothing to connect to. The message is for whoever made the webhook. */
export class Unreachable extends Error {}

export type NameSources = {
  readonly hostsFile: string;
  readonly resolverFile: string;
  /** Name servers with their ports; undefined: those of the system. */
  readonly servers: readonly string[] | undefined;
};

export const systemSources: NameSources = {
  hostsFile: '/etc/hosts',
  resolverFile: '/etc/resolv.conf',
  servers: undefined,
};

// With one silent server three seconds: less than an attempt has, so that its end tells why.
const limits = { timeout: 1_000, tries: 2 };
const loopback = ['::1', '127.0.0.1'];
const noAnswer = ['ETIMEOUT', 'ECONNREFUSED', 'ECANCELLED'];

export function hostLookup({ hostsFile, resolverFile, servers }: NameSources): HostLookup {
  /** Answers nothing where a name has no address. */
  async function ask(name: string, signal: AbortSignal): Promise<string[]> {
    // A new one reads which name servers there are now.
    const resolver = new Resolver(limits);
    if (servers !== undefined) resolver.setServers(servers);
    const cancel = () => resolver.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    // IPv6 first: where it is not to be had, that is known at once.
    const answers = await Promise.allSettled([resolver.resolve6(name), resolver.resolve4(name)]);
    signal.removeEventListener('abort', cancel);
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    const isUnanswered = answers.some(
      (answer) =>
        answer.status === 'rejected' &&
        noAnswer.includes((answer.reason as NodeJS.ErrnoException).code ?? ''),
    );
    if (addresses.length === 0 && isUnanswered) throw new Unreachable('The name servers gave no answer.');
    return addresses;
  }

  async function addressesOf(host: string, signal: AbortSignal): Promise<string[]> {
    const name = host.replace(/\.$/, '');
    const known = addressesInHosts(await textOf(hostsFile), name);
    if (known.length > 0) return known;
    // RFC 6761 §6.3: name servers are not asked.
    if (/(?:^|\.)localhost$/.test(name)) return loopback;
    for (const each of namesToAskFor(host, searchListIn(await textOf(resolverFile)))) {
      const addresses = await ask(each, signal);
      if (addresses.length > 0) return addresses;
    }
    throw new Unreachable('The host cannot be resolved.');
  }

  return async (host, signal) =>
    (await addressesOf(host, signal)).map((address) => ({ address, family: isIP(address) }));
}

/** Not every system has the file. */
async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
