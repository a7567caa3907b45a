import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { clientCertificateIn, forwardedCertificate } from '../src/client_certificate.ts';
import { testAuthority } from './certificates.ts';

const authority = testAuthority();
const { cert } = authority.signs('/O=Operator/CN=cp_1');
const two = authority.signs('/CN=cp_1/CN=cp_2').cert;
const none = authority.signs('/O=cp_1').cert;
const odd = authority.signs('/O=x, CN=cp_2/CN=cp\\+1=a').cert;
const escaped = encodeURIComponent(cert);
const base64 = cert.replaceAll(/-----[A-Z ]+-----|\n/g, '');

describe('the common name of a certificate', () => {
  it.each([
    ['one', cert, 'cp_1'],
    ['two', two, undefined],
    ['none', none, undefined],
    ['one beside a look-alike', odd, 'cp+1=a'],
  ])('with %s', (_what, pem, name) => {
    expect(clientCertificateIn(new X509Certificate(pem))).toEqual({ commonName: name, owners: [] });
  });
});

describe('the stations that a certificate names', () => {
  const units = '/OU=Depot/OU=chargeyard:id-1/CN=cp_1';
  const named = authority.signs(units).cert;
  const wanted = { commonName: 'cp_1', owners: ['id-1'] };

  it('are in its organizational units', () => {
    expect(clientCertificateIn(new X509Certificate(named))).toEqual(wanted);
    const several = authority.signs(`${units}/OU=chargeyard:id-2`).cert;
    expect(clientCertificateIn(new X509Certificate(several)).owners).toEqual(['id-1', 'id-2']);
  });

  it.each([
    ['nginx, $ssl_client_escaped_cert', encodeURIComponent(named)],
    ['nginx, $ssl_client_s_dn', 'CN=cp_1,OU=chargeyard:id-1,OU=Depot'],
    ['attributes told by their numbers', '2.5.4.3=cp_1,2.5.4.11=chargeyard:id-1'],
    ['Envoy, Subject', 'Hash=abc;Subject="CN=cp_1,OU=chargeyard:id-1,O=x"'],
  ])('are told by a proxy: %s', (_what, value) => {
    expect(forwardedCertificate(value)).toEqual(wanted);
  });
});

describe('a forwarded certificate', () => {
  it.each([
    ['nginx, $ssl_client_escaped_cert', escaped, 'cp_1'],
    ['Traefik, base64 without lines', encodeURIComponent(base64), 'cp_1'],
    ['base64 as it is', base64, 'cp_1'],
    ['nginx, $ssl_client_s_dn', 'CN=cp_1,O=Operator,C=DE', 'cp_1'],
    ['a name with spaces between its parts', 'C = DE, O = Operator, CN = cp_1', 'cp_1'],
    ['a name with escapes', 'CN=cp\\+1\\=a,O=x\\, CN=cp_2', 'cp+1=a'],
    ['a name with bytes', 'CN=S\\C3\\BCd', 'Süd'],
    ['a name of several parts', 'O=Operator+CN=cp_1', 'cp_1'],
    ['two common names', 'CN=cp_1,CN=cp_2', undefined],
    ['the header twice', 'CN=cp_2, CN=cp_1', undefined],
    ['no common name', 'O=CN\\=cp_1', undefined],
    ['the old form with slashes, which cannot tell a slash', '/O=x/CN=cp_1', undefined],
    ['Envoy, Subject', 'Hash=abc;Subject="CN=cp_1,O=Operator";URI=spiffe://x', 'cp_1'],
    ['Envoy, Cert', `By=spiffe://y;Hash=abc;Cert="${escaped}";Subject="";URI=`, 'cp_1'],
    ['Envoy, the nearest of two proxies', 'Subject="CN=cp_2",By=z;Subject="CN=cp_1"', 'cp_1'],
    ['Envoy, a comma in quotes', 'Subject="O=a\\,Subject=CN=cp_2,CN=cp_1"', 'cp_1'],
    ['Envoy, no certificate', 'By=spiffe://y;Hash=abc', undefined],
    ['Envoy, broken', 'Subject="CN=cp_1', undefined],
    ['no certificate at all', 'cp_1', undefined],
    ['broken percent-encoding', '%zz', undefined],
  ])('of %s', (_what, value, name) => {
    expect(forwardedCertificate(value)).toEqual({ commonName: name, owners: [] });
  });

  it.each(['', ' ', '-', '(null)', 'NONE'])('is none: "%s"', (value) => {
    expect(forwardedCertificate(value)).toBeUndefined();
  });
});
