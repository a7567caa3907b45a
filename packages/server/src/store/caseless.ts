// Texts that are the same without regard to case (OCPP's CiString, email addresses).

/** Answers the SQL of what such texts are compared by. Unique indexes are over the same expression: ASCII alone is lowered. */
export const caseless = (sql: string): string => `lower(${sql} collate "C")`;

/**
 * Answers what such a text is compared by with a column that holds it so. In SQL it must not be made of another column:
 * lower() is not leakproof, so row-level security would keep the comparison from using an index.
 */
export const caselessText = (text: string): string =>
  text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
