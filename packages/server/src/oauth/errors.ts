// RFC 6749 §5.2: the errors of the token endpoint, and the only place that decides what of a failure leaves it.

import type { TokenErrorResponse } from '@chargeyard/contract/oauth';

const statuses = {
  invalid_request: 400,
  invalid_client: 400,
  invalid_scope: 400,
  unauthorized_client: 400,
  unsupported_grant_type: 400,
  server_error: 500,
  temporarily_unavailable: 503,
} as const;

export class TokenError extends Error {
  readonly code: keyof typeof statuses;
  readonly status: number;
  /** Headers that the answer carries besides its body, such as WWW-Authenticate or Allow. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: keyof typeof statuses,
    description: string,
    options: { status?: number; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(description, { cause: options.cause });
    this.name = 'TokenError';
    this.code = code;
    this.status = options.status ?? statuses[code];
    this.headers = options.headers ?? {};
  }

  /** The answer's body. */
  get response(): TokenErrorResponse {
    return { error: this.code, error_description: this.message };
  }
}
