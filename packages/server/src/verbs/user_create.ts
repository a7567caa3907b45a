// chargeyard user create --tenant … --email … --first-name … --last-name … --role … [--technician] [--company …]

import {
  Invalid,
  checkedEmail,
  faultsOfPassword,
  faultsOfUser,
  hashedPassword,
  roles,
  throwAll,
} from '../domain/index.ts';
import type { CompanyVisibility, Role } from '../domain/index.ts';
import { newId, newPassword } from '../ids.ts';
import type { Store } from '../store/index.ts';
import { allOf } from './all_of.ts';
import { companyVisibilityOf } from './company_option.ts';
import { runOnStore } from './verb.ts';

type Options = {
  tenant: string;
  email: string;
  firstName: string;
  lastName: string;
  role: string;
  technician?: boolean;
  company?: string;
  visibility?: string;
  passwordStdin?: boolean;
  json?: boolean;
};

export async function userCreate(options: Options): Promise<void> {
  await runOnStore(options, async ({ store, clock, console }) => {
    const tenant = await store.tenants.getBySlug(options.tenant);
    const given = options.passwordStdin ? await console.line() : newPassword();
    const { password, ...user } = await allOf({
      email: () => checkedEmail(options.email.trim()),
      firstName: () => nameIn(options.firstName, '--first-name'),
      lastName: () => nameIn(options.lastName, '--last-name'),
      role: () => roleIn(options.role),
      async company() {
        const company = await companyVisibilityOf(store, tenant.id, options);
        // What is no role has a fault of its own.
        const role = roles.find((known) => known === options.role);
        throwAll(faultsOfUser({ company, ...(role === undefined ? {} : { role }) }));
        return company;
      },
      isTechnician: () => options.technician ?? false,
      password: () => checkedPassword(given, options),
    });
    const id = await insertUser(store, tenant.id, { ...user, password, createdAt: clock.now() });
    const { company, ...shown } = user;
    console.result(
      { id, ...shown, company: company ?? null, ...(options.passwordStdin ? {} : { password }) },
      `User ${user.email} created with the number ${id}.` +
        (options.passwordStdin ? '' : ` The password is shown only now.\n\n  password  ${password}`),
    );
  });
}

/**
 * Makes an active user who can sign in, of values that were checked.
 *
 * @returns the user's number
 * @throws {Conflict} for an email address that is taken
 */
export async function insertUser(
  store: Store,
  tenantId: string,
  user: {
    email: string;
    firstName: string;
    lastName: string;
    role: Role;
    company: CompanyVisibility | undefined;
    isTechnician: boolean;
    password: string;
    createdAt: Date;
  },
): Promise<number> {
  const { company, password, ...values } = user;
  const id = await store.users.insert(tenantId, {
    ...values,
    binding: { company },
    passwordHash: await hashedPassword(password),
    uuid: newId(),
  });
  return Number(id);
}

/** @throws {AggregateError} of what is wrong with the password of a new or known user */
export function checkedPassword(password: string, user: { email: string }): string {
  throwAll(faultsOfPassword(password, user));
  return password;
}

function nameIn(text: string, option: string): string {
  const name = text.trim();
  if (name.length > 0 && name.length <= 100) return name;
  throw new Invalid(`${option} has 1 to 100 characters.`);
}

function roleIn(text: string): Role {
  const role = roles.find((known) => known === text);
  if (role === undefined) throw new Invalid(`--role is one of ${roles.join(', ')}.`);
  return role;
}
