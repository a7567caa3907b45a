// What can go wrong in the house's own terms. Each protocol has one translator of its own
// (json_api/errors.ts, oauth/errors.ts, ocpp/rpc/errors.ts); the verbs print the message as it is. What stations say is wrong is in station_error.ts.

/** A rule of the domain was broken. The message is one sentence for a person and may leave the process. */
export abstract class DomainError extends Error {
  abstract readonly code: 'not_found' | 'conflict' | 'invalid' | 'invalid_token' | 'unavailable';

  /** The field that is wrong, where it is one. */
  readonly field: string | undefined;

  constructor(message: string, options: ErrorOptions & { field?: string } = {}) {
    super(message, options);
    this.name = new.target.name;
    this.field = options.field;
  }
}

/** The thing does not exist, or not for this caller. */
export class NotFound extends DomainError {
  readonly code = 'not_found';
}

/** The thing exists already, or its state forbids the change. */
export class Conflict extends DomainError {
  readonly code = 'conflict';
}

/** A value is not allowed. */
export class Invalid extends DomainError {
  readonly code = 'invalid';
}

/** The store cannot be reached now; the same request may succeed later. */
export class Unavailable extends DomainError {
  readonly code = 'unavailable';
}

/** The access token is not valid: it tells nobody who asks. */
export class InvalidToken extends DomainError {
  readonly code = 'invalid_token';
}

/** Throws what is broken, all at once, so that a caller need not find it one by one; nothing where nothing is. */
export function throwAll(faults: readonly DomainError[]): void {
  if (faults.length > 0) throw new AggregateError(faults);
}
