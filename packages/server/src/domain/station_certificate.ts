// Certificates that charging stations connect with (security profile 3): who asks for one, what is answered, and how one of
// our own authority tells whose it is.

/** Who asks for a certificate. */
export type CertificateApplicant = {
  readonly chargingStationId: string;
  readonly identity: string;
  /** It has shown over TLS what no other station has. */
  readonly isProven: boolean;
};

/** What is answered to a certificate signing request. */
export type CertificateAnswer =
  /** PEM: the station's certificate, then those between it and the root. */
  | { readonly certificateChain: string; readonly refusal?: undefined }
  /** A sentence for the operator. */
  | { readonly refusal: string; readonly certificateChain?: undefined };

/** A client certificate that was checked to go back to a trusted authority. */
export type ClientCertificate = {
  /** Undefined where it has none, or more than one. */
  readonly commonName: string | undefined;
  /** The ids of the stations that it names as its own: one where our authority issued it, else none. */
  readonly owners: readonly string[];
};

// Identities are one tenant's, and can be given again: the name alone would open another tenant's station, too. The id
// stands in the subject, since proxies forward that alone.
const prefix = 'chargeyard:';

/** Answers the organizational unit (OU) by which a certificate names its station. */
export const unitOf = (chargingStationId: string): string => prefix + chargingStationId;

/** Answers the ids of the stations that organizational units name. */
export const ownersIn = (units: readonly string[]): string[] =>
  units.filter((unit) => unit.startsWith(prefix)).map((unit) => unit.slice(prefix.length));
