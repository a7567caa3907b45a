// The one error that this folder throws on purpose.

/**
 * PostgreSQL could not be made ready for a reason that the person who starts Chargeyard can remove. The message is
 * one sentence (or two) with the remedy; `cause` is what the operating system or PostgreSQL said, where there is one.
 */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
  }
}
