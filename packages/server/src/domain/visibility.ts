// What a caller may see. Every query of the store takes one: a tenant always, and a company where the API client
// is bound to one (be.ENERGISED: "all information of the instance / entity / entity incl. subordinate entities").

/** A tenant's whole data, one company's, or a company's and all its subordinates'. */
export type Visibility = {
  readonly tenantId: string;
  readonly company: CompanyVisibility | undefined;
};

export type CompanyVisibility = {
  readonly companyId: string;
  readonly withSubordinates: boolean;
};

/** The two ways in which an API client can be bound to a company. */
export const companyVisibilities = ['company', 'subtree'] as const;
export type CompanyVisibilityMode = (typeof companyVisibilities)[number];

/** The visibility of someone who may see all of one tenant. */
export function wholeTenant(tenantId: string): Visibility {
  return { tenantId, company: undefined };
}
