// What a caller may see. Every query of the store takes one: a tenant always, and a company where the API
// client or the user is bound to one (be.ENERGISED: "all information of the instance / entity / entity incl. subordinate entities").

/** A tenant's whole data, one company's, or a company's and all its subordinates'. */
export type Visibility = {
  readonly tenantId: string;
  readonly company: CompanyVisibility | undefined;
};

export type CompanyVisibility = {
  readonly companyId: string;
  readonly withSubordinates: boolean;
};

/** The two ways in which API clients and users can be bound to a company. */
export const companyVisibilities = ['company', 'subtree'] as const;
export type CompanyVisibilityMode = (typeof companyVisibilities)[number];

/** The visibility of someone who may see all of one tenant. */
export function wholeTenant(tenantId: string): Visibility {
  return { tenantId, company: undefined };
}

/**
 * Answers whether one binding lets see all that another does.
 *
 * @param given undefined: the whole tenant
 * @param wanted bound to a company that `given` lets see, if to one
 */
export function includesBinding(
  given: CompanyVisibility | undefined,
  wanted: CompanyVisibility | undefined,
): boolean {
  if (given === undefined) return true;
  return wanted !== undefined && (given.withSubordinates || !wanted.withSubordinates);
}
