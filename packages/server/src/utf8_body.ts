// Bodies are UTF-8 (RFC 8259 §8.1). Other bytes would become replacement characters, and be stored as such.

import type { FastifyInstance } from 'fastify';

/**
 * Makes an instance read the bodies of all media types as texts.
 *
 * @param notUtf8 what a request is refused with whose body is none
 */
export function takeUtf8Bodies(
  app: FastifyInstance,
  { notUtf8, limitBytes }: { notUtf8: () => Error; limitBytes?: number },
): void {
  app.removeAllContentTypeParsers();
  const limit = limitBytes === undefined ? {} : { bodyLimit: limitBytes };
  app.addContentTypeParser<Buffer>('*', { parseAs: 'buffer', ...limit }, (_request, body, done) => {
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
    } catch {
      done(notUtf8());
      return;
    }
    done(null, text);
  });
}
