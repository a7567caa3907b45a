// Texts that are the same without regard to case (OCPP's CiString, email addresses).

/** Answers the SQL of what such texts are compared by. Unique indexes are over the same expression: ASCII alone is lowered. */
export const caseless = (sql: string): string => `lower(${sql} collate "C")`;
