// JSON as stations write it.

export type ParsedJson = { readonly isJson: true; readonly value: unknown } | { readonly isJson: false };

/**
 * Parses a message's text. Tolerates a byte order mark (RFC 8259 §8.1 lets a reader do so). Never throws.
 * U+0000 is taken out of string values: some firmware sends its C strings with the padding, and PostgreSQL's text
 * cannot hold it, so one such boot would spoil the commit of every station it is grouped with.
 */
export function parsedJson(text: string): ParsedJson {
  const json = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  try {
    const value: unknown = json.includes('\\u0000') ? JSON.parse(json, withoutNul) : JSON.parse(json);
    return { isJson: true, value };
  } catch {
    return { isJson: false };
  }
}

function withoutNul(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('\u0000', '') : value;
}
