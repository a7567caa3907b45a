// JSON as stations write it.

export type ParsedJson = { readonly isJson: true; readonly value: unknown } | { readonly isJson: false };

/**
 * Parses a message's text. Tolerates a byte order mark (RFC 8259 §8.1 lets a reader do so). Never throws.
 * U+0000 is taken out of names and values: some firmware sends its C strings with the padding, and PostgreSQL's text
 * cannot hold it, so one such boot would spoil the commit of every station it is grouped with. Neither can its JSON hold
 * halves of surrogate pairs, which become U+FFFD.
 */
export function parsedJson(text: string): ParsedJson {
  const json = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  try {
    const value: unknown = unstorable.test(json) ? JSON.parse(json, storable) : JSON.parse(json);
    return { isJson: true, value };
  } catch {
    return { isJson: false };
  }
}

// Surrogates of whole pairs, too; they are rare enough to be looked at.
const unstorable = /\\u(?:0000|d[89a-f])/i;

function storable(_key: string, value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [storableText(name), member]));
}

const storableText = (text: string) => text.replaceAll('\u0000', '').toWellFormed();
