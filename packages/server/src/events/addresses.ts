// Which addresses webhooks may be sent to: those of the internet, unless the installation allows all. Whoever makes a
// webhook must not reach through this server what is not open to him (server-side request forgery). Ranges are those that the
// IANA special-purpose registries have as not globally reachable, and those by which an IPv4 address can be meant.

import { BlockList, isIP } from 'node:net';

const notOfTheInternet = new BlockList();
for (const network of [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]) {
  const [address = '', bits] = network.split('/');
  notOfTheInternet.addSubnet(address, Number(bits), 'ipv4');
}
// Within 2000::/3: protocol assignments with Teredo, documentation, 6to4.
const specialIpv6 = new BlockList();
for (const network of ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']) {
  const [address = '', bits] = network.split('/');
  specialIpv6.addSubnet(address, Number(bits), 'ipv6');
}
const globalIpv6 = new BlockList();
globalIpv6.addSubnet('2000::', 3, 'ipv6');

/** Answers whether an address is one of the internet. A text that is no address is not. */
export function isOfTheInternet(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !notOfTheInternet.check(address, 'ipv4');
    case 6: {
      const embedded = embeddedIpv4(address);
      if (embedded !== undefined) return isOfTheInternet(embedded);
      return globalIpv6.check(address, 'ipv6') && !specialIpv6.check(address, 'ipv6');
    }
    default:
      return false;
  }
}

/** Answers the IPv4 address that is reached by an IPv6 one: mapped (RFC 4291 §2.5.5.2), or through NAT64 (RFC 6052 §2.1). */
function embeddedIpv4(address: string): string | undefined {
  // As the URL standard writes it, whatever form it came in.
  const host = URL.parse(`http://[${address.replace(/%.*$/, '')}]/`)?.hostname ?? '';
  const [, high, low] = /^\[(?:::ffff|64:ff9b:):([\da-f]{1,4}):([\da-f]{1,4})\]$/.exec(host) ?? [];
  if (high === undefined || low === undefined) return undefined;
  const [upper, lower] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [upper >> 8, upper & 255, lower >> 8, lower & 255].join('.');
}
