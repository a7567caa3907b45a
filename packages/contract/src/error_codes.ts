// Every error code that the APIs answer, with its HTTP status and title. `docs/error_codes.md` is generated
// from this table; codes are stable, titles are for people.

export const errorCodes = {
  bad_request: { status: 400, title: 'The request cannot be understood' },
  invalid_parameter: { status: 400, title: 'A query parameter has an invalid value' },
  unknown_parameter: { status: 400, title: 'A query parameter is not supported here' },
  repeated_parameter: { status: 400, title: 'A query parameter was given more than once' },
  missing_token: { status: 401, title: 'An access token is required' },
  invalid_token: { status: 401, title: 'The access token is not valid' },
  not_signed_in: { status: 401, title: 'Nobody is signed in' },
  invalid_credentials: { status: 401, title: 'The email or the password is wrong' },
  insufficient_scope: { status: 403, title: 'The caller lacks a scope' },
  cross_site_request: { status: 403, title: 'The request comes from another site' },
  beyond_own_rights: { status: 403, title: 'It has more rights than the caller' },
  cpo_api_not_licensed: { status: 403, title: 'The CPO API is not licensed for this tenant' },
  client_generated_id: { status: 403, title: 'Ids are given by the server' },
  bound_to_company: { status: 403, title: 'The caller is bound to a company' },
  not_found: { status: 404, title: 'There is no such resource' },
  method_not_allowed: { status: 405, title: 'The method is not supported here' },
  not_acceptable: { status: 406, title: 'No acceptable media type can be sent' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  conflict: { status: 409, title: 'The request conflicts with what is there' },
  precondition_failed: { status: 412, title: 'The resource has changed since' },
  payload_too_large: { status: 413, title: 'The request body is too large' },
  unsupported_media_type: { status: 415, title: 'The media type of the request is not supported' },
  invalid_value: { status: 422, title: 'A value is not valid' },
  idempotency_key_reused: { status: 422, title: 'The idempotency key belongs to another request' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  too_many_attempts: { status: 429, title: 'Too many attempts' },
  headers_too_large: { status: 431, title: 'The request’s headers are too large' },
  internal_error: { status: 500, title: 'The server failed' },
  not_ready: { status: 503, title: 'The server is not ready' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof errorCodes;
