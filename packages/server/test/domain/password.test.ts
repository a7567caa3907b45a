import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { faultsOfPassword, hashedPassword, isPassword } from '../../src/domain/index.ts';

describe('a password', () => {
  it('is kept as argon2id with the parameters that OWASP recommends, salted', async () => {
    const [one, other] = [await hashedPassword('correct horse'), await hashedPassword('correct horse')];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(other).not.toBe(one);
  });

  it('is known again, and no other is', async () => {
    const stored = await hashedPassword('correct horse');
    expect(await isPassword('correct horse', stored)).toBe(true);
    expect(await isPassword('Correct horse', stored)).toBe(false);
    expect(await isPassword('', stored)).toBe(false);
    expect(await isPassword('correct horse ', stored)).toBe(false);
  });

  it('is the same whichever way a keyboard composes its letters', async () => {
    expect(await isPassword('cafe\u0301 creme', await hashedPassword('caf\u00e9 creme'))).toBe(true);
  });

  it('is known by the parameters that it was hashed with: the test vector of the reference implementation', async () => {
    const stored = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    expect(await isPassword('password', stored)).toBe(true);
    expect(await isPassword('passwore', stored)).toBe(false);
  });

  it('is nobody’s where none is stored', async () => {
    expect(await isPassword('nobody has this password', undefined)).toBe(false);
    expect(await isPassword(randomBytes(16).toString('hex'), undefined)).toBe(false);
  });

  it.each([
    ['eleven char', false],
    ['twelve chars', true],
    ['é'.repeat(11) + 'è', true],
    ['🔋'.repeat(11), false],
    ['🔋'.repeat(11) + '🔌', true],
    ['ab'.repeat(100), true],
    [`${'ab'.repeat(100)}c`, false],
    ['aaaaaaaaaaaaaaaa', false],
    ['Jane.Doe@Example.com', false],
    [' jane.doe@example.com ', false],
    ['jane.doe@example.com!', true],
  ])('%s: may or may not be one', (password, isTaken) => {
    const faults = faultsOfPassword(password, { email: 'jane.doe@example.com' });
    expect(faults.map(({ field }) => field)).toEqual(isTaken ? [] : ['password']);
  });
});
