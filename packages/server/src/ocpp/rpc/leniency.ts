// What a station may do beside the specification and is understood all the same: the form of the rules, which are data of a
// version (v16/leniency.ts), and of what is told of each use of one. Applied in fault_repair.ts.
//
// A place is the name of a property below that of its nearest parent: "StatusNotification.errorCode" at the top of a
// payload, "sampledValue.unit" wherever there are sampled values.

/** What becomes of a word that is none of the specification's. */
export type WordRule = {
  /** Words that are meant, by what is sent for them: in small letters, of letters and digits alone. */
  readonly meant?: Readonly<Record<string, string>>;
  /** What any other word becomes; `kept` as it is. Without this a payload with such a word is refused. */
  readonly otherwise?: 'kept' | { readonly takenAs: string };
};

/** What stands for a value that is missing: one of these, or the instant at which the call came. */
export type Default = { readonly value: string | boolean } | 'time_of_receipt';

export type LeniencyRules = {
  readonly words: Readonly<Record<string, WordRule>>;
  readonly defaults: Readonly<Record<string, Default>>;
  /** Texts that may be sent as any JSON, and are taken as its text. */
  readonly jsonTexts: readonly string[];
  /** Whole numbers that may be sent with a fraction, and are rounded. */
  readonly rounded: readonly string[];
  /** Where people and things are identified: no such value is made, converted, renamed or cut. */
  readonly untouched: readonly string[];
  /** Whose clock a timestamp without a zone is read from. */
  readonly zoneless: 'UTC' | 'station';
};

/** What stations of one make do beside the specification: replaces, place by place, what is a rule for all. */
export type Quirk = {
  /** Of BootNotification or of the charging station's model. */
  readonly vendor: RegExp;
  readonly model?: RegExp;
  /** Where this was reported. */
  readonly source: string;
  readonly rules: Partial<LeniencyRules>;
};

export type Leniency = { readonly rules: LeniencyRules; readonly quirks: readonly Quirk[] };

/** Answers the rules for stations of a make. */
export function rulesFor(
  { rules, quirks }: Leniency,
  { vendor = '', model = '' }: { readonly vendor?: string | undefined; readonly model?: string | undefined },
): LeniencyRules {
  return quirks
    .filter((quirk) => quirk.vendor.test(vendor) && (quirk.model?.test(model) ?? true))
    .reduce<LeniencyRules>(
      (all, quirk) => ({
        ...all,
        ...quirk.rules,
        words: { ...all.words, ...quirk.rules.words },
        defaults: { ...all.defaults, ...quirk.rules.defaults },
      }),
      rules,
    );
}
