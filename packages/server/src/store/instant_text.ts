// PostgreSQL's text of an instant, as the store's text rows carry it.

/** Answers RFC 3339 with milliseconds: `2026-11-25 00:14:11.123+00` → `2026-11-25T00:14:11.123Z`. Sessions are in UTC. */
export function instantOf(text: string): string {
  const milliseconds = text.slice(20, -3).padEnd(3, '0').slice(0, 3);
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${milliseconds}Z`;
}
