// users: made and changed by owners and administrators. Nobody gives, or changes who has, more rights than he has himself;
// and a tenant keeps an owner.

import { users as declaration } from '@chargeyard/contract/resources/users';
import {
  Conflict,
  Invalid,
  faultsOfPassword,
  faultsOfUser,
  hashedPassword,
  includesBinding,
  includesRole,
} from '../domain/index.ts';
import type { Principal, User } from '../domain/index.ts';
import { newId } from '../ids.ts';
import { refused } from '../json_api/index.ts';
import type { Resource, Values, Write } from '../json_api/index.ts';
import { userFields } from '../store/index.ts';
import type { UserField } from '../store/index.ts';
import { bindingAfter } from './binding.ts';
import { oncePerTransaction } from './once_per_transaction.ts';

export const users = {
  declaration,
  path: '/users',
  fields: userFields,
  fieldOf: {
    uuid: 'uuid',
    email: 'email',
    firstName: 'firstName',
    lastName: 'lastName',
    role: 'role',
    companyUuid: 'companyId',
    visibility: 'visibility',
    isActive: 'isActive',
    isTechnician: 'isTechnician',
    hasPassword: 'hasPassword',
    createdAt: 'createdAt',
    updatedAt: 'updatedAt',
  },
  page: (tables, visibility, query) => tables.users.page(visibility, query),
  find: (tables, visibility, id, now) => tables.users.find(visibility, id, now),
  prepared: async ({ password }) =>
    typeof password === 'string' ? { passwordHash: await hashedPassword(password) } : {},
  async brokenRules(write) {
    const { principal, values, id } = write;
    const { known } = id === undefined ? {} : await lockedToChange({ ...write, id });
    if (known !== undefined) requireWithinRights(principal, known);
    const { company, faults } = bindingAfter(write, known);
    const changed = { ...known, ...(values as Partial<User>), company };
    return [
      ...faults,
      ...roleFaults(principal, changed),
      ...faultsOfUser(changed),
      ...passwordFaults(values, changed),
      ...ownPasswordFaults(write, known),
    ];
  },
  async create(write) {
    const { tables, principal, values, now } = write;
    return tables.users.insert(principal.visibility.tenantId, {
      ...values,
      binding: { company: bindingAfter(write).company },
      uuid: newId(),
      createdAt: now,
    });
  },
  async update(write) {
    const { tables, principal, values } = write;
    const { owners, known } = await lockedToChange(write);
    if (known === undefined) return false;
    const { company } = bindingAfter(write, known);
    const changed = { ...known, ...(values as Partial<User>), company };
    if (changed.role !== 'owner' || !changed.isActive || values['password'] === null)
      requireOtherOwner(owners, known);
    const change = {
      ...values,
      ...(values['password'] === null ? { passwordHash: null } : {}),
      binding: { company },
    };
    if (!(await tables.users.update(principal.visibility, { ...write, values: change }))) return false;
    if (values['password'] !== undefined || !changed.isActive)
      await tables.sessions.deleteOfUser(principal.visibility.tenantId, known.id);
    return true;
  },
  async delete(write) {
    const { tables, principal, id, ifUpdatedAt, now } = write;
    const { owners, known } = await lockedToChange(write);
    if (known === undefined) return false;
    requireWithinRights(principal, known);
    requireOtherOwner(owners, known);
    return tables.users.delete(principal.visibility, { id, ifUpdatedAt, now });
  },
} satisfies Resource<UserField>;

/** Answers a user, and the numbers of the tenant's active owners, locked until commit. */
const lockedToChange = oncePerTransaction(
  async ({ tables, principal: { visibility }, id }: Omit<Write, 'values'> & { id: string }) => {
    // Before the user's own lock, or two such would wait for each other.
    const owners = await tables.users.lockActiveOwners(visibility.tenantId);
    return { owners, known: await tables.users.findToChange(visibility, id) };
  },
);

/** @throws {RequestRefused} beyond_own_rights */
function requireWithinRights({ scopes, visibility }: Principal, { role, company }: User): void {
  if (includesRole(scopes, role) && includesBinding(visibility.company, company)) return;
  throw refused('beyond_own_rights', 'This user has rights that you do not have.');
}

function roleFaults({ scopes }: Principal, { role }: Partial<User>): Invalid[] {
  if (role === undefined || includesRole(scopes, role)) return [];
  return [new Invalid(`Your own role is not enough to give the role ${role}.`, { field: 'role' })];
}

function passwordFaults({ password }: Values, user: Partial<User>): Invalid[] {
  return typeof password === 'string' ? faultsOfPassword(password, user) : [];
}

/** Whoever finds a computer where somebody is signed in must not be able to stay. */
function ownPasswordFaults({ principal, values }: Write, known: User | undefined): Invalid[] {
  if (values['password'] === undefined || principal.callerId !== `user/${known?.id}`) return [];
  return [
    new Invalid('Your own password is changed at /session/password, with the current one.', {
      field: 'password',
    }),
  ];
}

/**
 * @param owners the numbers of the tenant's active owners
 * @throws {Conflict} when the user is the only one of them
 */
function requireOtherOwner(owners: readonly number[], { id }: User): void {
  if (owners.length > 1 || !owners.includes(id)) return;
  throw new Conflict('This is the last active owner of the tenant.');
}
