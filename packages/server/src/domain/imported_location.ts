// A location of another system's file, with its charging stations and their connectors, as it is to be written. Attributes
// have the API's names and rules; what the file does not tell is left out, and stays as it is where there is such a row.

type Attributes = Readonly<Record<string, unknown>>;

/** A row of the file: its place in its list, from 1, and what the file calls it, if anything. */
export type RowName = { readonly number: number; readonly id: string | null };

export type ImportedLocation = {
  readonly row: RowName;
  /** What it is known by from one import to the next, unique in the tenant. */
  readonly ocpiId: string;
  readonly values: Attributes;
  readonly stations: readonly ImportedStation[];
};

export type ImportedStation = {
  readonly row: RowName;
  readonly identity: string;
  readonly values: Attributes;
  readonly connectors: readonly ImportedConnector[];
};

export type ImportedConnector = { readonly number: number; readonly values: Attributes };
