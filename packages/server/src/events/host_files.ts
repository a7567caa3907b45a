// What a system says of host names by itself: hosts(5), and the search list of resolv.conf(5).

import { isIP } from 'node:net';

/** Answers the addresses that a hosts file has for a name. */
export function addressesInHosts(text: string, name: string): string[] {
  return entriesOf(text).flatMap(([address = '', ...names]) =>
    isIP(address) !== 0 && names.some((each) => each.toLowerCase() === name) ? [address] : [],
  );
}

/** In which domains a name may be meant, and with how many dots it is first taken to be complete. */
export type SearchList = { readonly domains: readonly string[]; readonly dots: number };

export function searchListIn(text: string): SearchList {
  let domains: readonly string[] = [];
  let dots = 1;
  for (const [keyword, ...values] of entriesOf(text)) {
    // The last of them counts.
    if (keyword === 'search' || keyword === 'domain') domains = values;
    if (keyword !== 'options') continue;
    for (const value of values) dots = Number(/^ndots:(\d+)$/.exec(value)?.[1] ?? dots);
  }
  return { domains: domains.filter((domain) => domain !== '.'), dots };
}

/** Answers the names that a host can be meant by, in the order in which they are asked for. One with a dot at its end is complete. */
export function namesToAskFor(host: string, { domains, dots }: SearchList): string[] {
  if (host.endsWith('.')) return [host.slice(0, -1)];
  const within = domains.map((domain) => `${host}.${domain}`);
  return host.split('.').length > dots ? [host, ...within] : [...within, host];
}

/** Answers the words of each line, without comments. */
function entriesOf(text: string): string[][] {
  return text.split('\n').map((line) =>
    line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/),
  );
}
