// People's passwords: which are taken, and how they are kept: argon2id (RFC 9106) with OWASP's parameters, as PHC strings
// `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>`. The work is done off the main thread.

import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { Invalid } from './errors.ts';

/** In characters. */
const passwordLengths = { least: 12, most: 200 } as const;

const memoryKiB = 19_456;
const passes = 2;
const tagBytes = 32;

/**
 * Answers the rules that a new password breaks.
 *
 * @returns {Invalid} with the field `password`; [] for a password that is taken; never throws
 */
export function faultsOfPassword(password: string, { email }: { email?: string }): Invalid[] {
  const { least, most } = passwordLengths;
  const characters = Array.from(password);
  if (characters.length < least || characters.length > most)
    return fault(`A password has ${least} to ${most} characters.`);
  if (password.trim().toLowerCase() === email?.toLowerCase())
    return fault('The password must not be the email address.');
  if (new Set(characters).size === 1) return fault('The password must not be one character repeated.');
  return [];
}

const fault = (message: string) => [new Invalid(message, { field: 'password' })];

/** Answers the form in which a password is stored. Takes some 20 ms of another thread. */
export async function hashedPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const tag = await tagOf(password, { salt, memoryKiB, passes, parallelism: 1, tagBytes });
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=1$${unpadded(salt)}$${unpadded(tag)}`;
}

const storedForm = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]{11,})\$([A-Za-z0-9+/]{16,})$/;

/**
 * Answers whether a password is the one that was hashed, by the parameters of that time. Takes the same time whether it is
 * or not.
 *
 * @param stored undefined for nobody's: no password is that, and finding out takes as long
 */
export async function isPassword(candidate: string, stored: string | undefined): Promise<boolean> {
  const [, memory, times, lanes, salt = '', tag = ''] = storedForm.exec(stored ?? (await nobodys())) ?? [];
  const wanted = Buffer.from(tag, 'base64');
  const given = await tagOf(candidate, {
    salt: Buffer.from(salt, 'base64'),
    memoryKiB: Number(memory),
    passes: Number(times),
    parallelism: Number(lanes),
    tagBytes: wanted.length,
  });
  return timingSafeEqual(given, wanted) && stored !== undefined;
}

// The threads that this takes are the process's, and tokens are signed and verified on them, too.
const mostAtOnce = 2;
let underWay = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (underWay >= mostAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  else underWay += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) underWay -= 1;
    else next();
  }
}

let nobodysHash: Promise<string> | undefined;
const nobodys = () => (nobodysHash ??= hashedPassword('nobody has this password'));

type Cost = { salt: Buffer; memoryKiB: number; passes: number; parallelism: number; tagBytes: number };

function tagOf(password: string, cost: Cost): Promise<Buffer> {
  return inTurn(() => argon2Of(password, cost));
}

function argon2Of(password: string, cost: Cost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    argon2(
      'argon2id',
      {
        // A keyboard may send é as one character or as two.
        message: Buffer.from(password.normalize('NFC')),
        nonce: cost.salt,
        memory: cost.memoryKiB,
        passes: cost.passes,
        parallelism: cost.parallelism,
        tagLength: cost.tagBytes,
      },
      (error, tag) => {
        if (error === null) resolve(tag);
        else reject(error);
      },
    );
  });
}

const unpadded = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
