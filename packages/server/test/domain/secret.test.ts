import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashedSecret, isSecret } from '../../src/domain/index.ts';

const secret = 'f00dfeed'.repeat(8);

describe('hashedSecret', () => {
  it('is sha256 over salt and secret, with both in hexadecimal', () => {
    const stored = hashedSecret(secret);
    const [algorithm, salt, digest] = stored.split('$');
    expect([algorithm, salt, digest]).toEqual([
      'sha256',
      expect.stringMatching(/^[0-9a-f]{32}$/),
      createHash('sha256').update(`${salt}${secret}`).digest('hex'),
    ]);
  });

  it('is another one each time', () => {
    expect(hashedSecret(secret)).not.toBe(hashedSecret(secret));
  });
});

describe('isSecret', () => {
  it('knows the secret and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (one, other) => {
        const stored = hashedSecret(one);
        expect(isSecret(one, stored)).toBe(true);
        expect(isSecret(other, stored)).toBe(one === other);
      }),
    );
  });

  it.each(['', `${secret} `, secret.toUpperCase(), secret.slice(1)])('refuses "%s"', (candidate) => {
    expect(isSecret(candidate, hashedSecret(secret))).toBe(false);
  });

  it.each([
    ['empty', ''],
    ['the secret itself', secret],
    ['of another algorithm', hashedSecret(secret).replace('sha256', 'sha512')],
    ['without a digest', 'sha256$00'],
    ['with an empty digest', 'sha256$00$'],
    ['with a digest that was cut short', hashedSecret(secret).slice(0, -2)],
    ['with a digest that is not hexadecimal', `sha256$00$${'z'.repeat(64)}`],
  ])('refuses what is stored when it is %s', (_how, stored) => {
    expect(isSecret(secret, stored)).toBe(false);
  });
});
