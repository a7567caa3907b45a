// How the secrets of machines (API clients, charging stations) are kept: salted SHA-256. They are long random
// strings, so a slow hash would protect nothing and would let a fleet that reconnects starve the server.
// People's passwords are another matter and are hashed otherwise.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Answers the form in which a secret is stored: `sha256$<salt>$<digest>`, both hexadecimal.
 *
 * @param secret at least 16 characters; the caller has checked that
 */
export function hashedSecret(secret: string): string {
  const salt = randomBytes(16).toString('hex');
  return `sha256$${salt}$${digest(salt, secret)}`;
}

/** Answers whether a secret is the one that was hashed. Takes the same time whether it is or not. */
export function isSecret(candidate: string, stored: string): boolean {
  const [algorithm, salt, expected] = stored.split('$');
  if (algorithm !== 'sha256' || salt === undefined || expected === undefined) return false;
  const [given, wanted] = [Buffer.from(digest(salt, candidate)), Buffer.from(expected)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** Answers what tells a stored secret from the one that follows it. It says nothing of the secret. */
export function secretIdOf(stored: string): string {
  return createHash('sha256').update(stored).digest('hex').slice(0, 16);
}

function digest(salt: string, secret: string): string {
  return createHash('sha256').update(salt).update(secret).digest('hex');
}
