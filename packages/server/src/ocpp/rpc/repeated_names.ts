// Objects that name a member twice, of which JSON.parse keeps the last (RFC 8259 §4: what is meant is unpredictable). What
// else reads the same frame, such as a proxy that filters, may have gone by the first.

/**
 * Answers whether an object in a JSON text names a member twice.
 *
 * @param value what the text was parsed to
 */
export function namesRepeatedly(json: string, value: unknown): boolean {
  return colonsIn(json) > membersIn(value);
}

const [quote, colon, backslash] = [0x22, 0x3a, 0x5c];

/** Those outside of strings: one for each member, in JSON. */
function colonsIn(json: string): number {
  let colons = 0;
  let isInString = false;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === quote) isInString = !isInString;
    else if (isInString) at += code === backslash ? 1 : 0;
    else if (code === colon) colons += 1;
  }
  return colons;
}

function membersIn(value: unknown): number {
  let members = 0;
  // No recursion: a frame may be nested deeper than the stack is.
  const left: unknown[] = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next !== 'object' || next === null) continue;
    const inside: unknown[] = Array.isArray(next) ? next : Object.values(next);
    if (!Array.isArray(next)) members += inside.length;
    for (const one of inside) if (typeof one === 'object') left.push(one);
  }
  return members;
}
