// The session of a user who signed in, as it is on the wire: a cookie (RFC 6265).

export const sessionCookie = 'chargeyard_session';

/** How an API's description (OpenAPI 3.1) says that the cookie tells who asks. */
export const sessionSecurityScheme = {
  type: 'apiKey',
  in: 'cookie',
  name: sessionCookie,
  description: 'The cookie that signing in at the settings API sets. Its user’s role has the scope.',
} as const;
