// ocpp_passwords: what stations without a password of their own may send. Who is bound to a company has nothing to do with
// them: they open the stations of all.

import { ocppPasswords as declaration } from '@chargeyard/contract/resources/ocpp_passwords';
import { Conflict, hashedStationPassword } from '../domain/index.ts';
import type { Principal } from '../domain/index.ts';
import { newId, newStationPassword } from '../ids.ts';
import { refused } from '../json_api/index.ts';
import type { Resource } from '../json_api/index.ts';
import { ocppPasswordFields } from '../store/index.ts';
import type { OcppPasswordField } from '../store/index.ts';

// Each is compared with what a station sends until one is right.
const most = 10;

export const ocppPasswords = {
  declaration,
  path: '/ocpp_passwords',
  fields: ocppPasswordFields,
  fieldOf: { name: 'name', createdAt: 'createdAt', updatedAt: 'updatedAt' },
  page: (tables, visibility, query) => tables.ocppPasswords.page(visibility, query),
  find: (tables, visibility, id, now) => tables.ocppPasswords.find(visibility, id, now),
  async create({ tables, principal, values, now }) {
    requireWholeTenant(principal);
    const { tenantId } = principal.visibility;
    if ((await tables.ocppPasswords.countToAdd(tenantId)) >= most)
      throw new Conflict(`A tenant has at most ${most} OCPP passwords. Delete one that no station sends.`);
    const id = newId();
    const given = values['password'];
    const password = typeof given === 'string' ? given : newStationPassword();
    await tables.ocppPasswords.insert(tenantId, {
      id,
      name: values['name'],
      passwordHash: hashedStationPassword(password),
      createdAt: now,
    });
    return { id, shownOnce: { password } };
  },
  update: (write) => write.tables.ocppPasswords.update(write.principal.visibility, write),
  delete: ({ tables, principal, id, ifUpdatedAt }) =>
    tables.ocppPasswords.delete(principal.visibility, id, ifUpdatedAt),
} satisfies Resource<OcppPasswordField>;

/** @throws {RequestRefused} bound_to_company */
function requireWholeTenant({ visibility }: Principal): void {
  if (visibility.company === undefined) return;
  throw refused('bound_to_company', 'OCPP passwords are made by who is bound to no company.');
}
