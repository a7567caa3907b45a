// Whether he in whose name a webhook is sent events may have them still. It is asked whenever events are sent, as it is asked
// of access tokens and sessions with each request, so nothing that takes a right away need know of webhooks.

import { allRights, includesScope } from '@chargeyard/contract/scopes';
import { roles, scopesOfRole } from '../domain/index.ts';

const scope = 'cpoapi:webhooks:write';
const rolesWithIt = roles.filter((role) => includesScope(scopesOfRole(role), scope));

/** The condition that `c`, an API client or a user, sees all that the webhook `s` is sent. */
const seesAll = `(c.company_id is null
  or c.visibility = 'company' and s.visibility = 'company' and s.company_id = c.company_id
  or c.visibility = 'subtree' and exists (
    select from company_ancestors a
    where a.tenant_id = s.tenant_id and a.company_id = s.company_id and a.ancestor_id = c.company_id))`;

/** The condition that the caller of the webhook `s` exists, and has the right to make it as it is. */
export const isByRight = `(exists (
    select from api_clients c join tenants t on t.id = c.tenant_id
    where c.tenant_id = s.tenant_id and c.client_id = s.caller_id and t.cpo_api_is_licensed
      and c.scopes && array['${allRights}', '${scope}'] and ${seesAll})
  or exists (
    select from users c
    where c.tenant_id = s.tenant_id and c.is_active and c.role in ('${rolesWithIt.join("', '")}')
      and c.id = case when s.caller_id like 'user/%' then substr(s.caller_id, 6)::integer end and ${seesAll}))`;
