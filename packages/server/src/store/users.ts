// users: the people of a tenant, numbered per tenant from 1, seen by the company that they are bound to. Those who are
// bound to none are seen by those only who are bound to none.

import { Conflict } from '../domain/index.ts';
import type { CompanyVisibility, CompanyVisibilityMode, Role, User, Visibility } from '../domain/index.ts';
import { noSuchCompany, refusingBy } from './broken_rules.ts';
import { caseless } from './caseless.ts';
import { bindingColumns, bindingFrom } from './company_binding.ts';
import type { Session } from './database.ts';
import type { ListedTable } from './resource_list.ts';
import { columnsOf, insertNumberedRow, pageOf, resourceRows } from './resource_rows.ts';
import type { Page } from './resource_rows.ts';
import { nextVersion } from './versions.ts';
import { isOfVisibleCompany } from './visible_company.ts';

const table = {
  name: 'users',
  id: { sql: 's.id', type: 'integer' },
  fields: {
    id: { sql: 's.id', type: 'integer' },
    uuid: { sql: 's.uuid', type: 'uuid' },
    email: { sql: 's.email', type: 'text' },
    firstName: { sql: 's.first_name', type: 'text' },
    lastName: { sql: 's.last_name', type: 'text' },
    role: { sql: 's.role', type: 'text' },
    companyId: { sql: 's.company_id', type: 'uuid' },
    visibility: { sql: 's.visibility', type: 'text' },
    isActive: { sql: 's.is_active', type: 'boolean' },
    isTechnician: { sql: 's.is_technician', type: 'boolean' },
    hasPassword: { sql: '(s.password_hash is not null)', type: 'boolean' },
    createdAt: { sql: 's.created_at', type: 'timestamptz' },
    updatedAt: { sql: 's.updated_at', type: 'timestamptz' },
  },
  visible: isOfVisibleCompany,
} as const satisfies ListedTable<string>;

export type UserField = keyof typeof table.fields;
export const userFields = Object.keys(table.fields) as readonly UserField[];

const written = {
  email: 'email',
  firstName: 'first_name',
  lastName: 'last_name',
  role: 'role',
  isActive: 'is_active',
  isTechnician: 'is_technician',
  passwordHash: 'password_hash',
} as const;
export type WrittenUser = { readonly [Field in keyof typeof written]?: unknown } & {
  /** Present: the user is bound to it, or with undefined to none. */
  readonly binding?: { readonly company: CompanyVisibility | undefined };
};

const columns = ({ binding, ...values }: WrittenUser): Record<string, unknown> => ({
  ...columnsOf(written, values),
  ...(binding === undefined ? {} : bindingColumns(binding.company)),
});

/** A user, and the hash of the password; undefined when the user has none. */
export type UserWithPassword = { readonly user: User; readonly passwordHash: string | undefined };

export type UserRow = Omit<User, 'company'> & {
  companyId: string | null;
  visibility: CompanyVisibilityMode | null;
};

/** The columns of a `UserRow`; `s` is the user. */
export const userColumns = `s.id, s.uuid, s.email, s.first_name as "firstName", s.last_name as "lastName", s.role,
  s.company_id as "companyId", s.visibility, s.is_active as "isActive", s.is_technician as "isTechnician"`;

export function userFrom({
  id,
  uuid,
  email,
  firstName,
  lastName,
  role,
  isActive,
  isTechnician,
  ...bound
}: UserRow): User {
  const company = bindingFrom(bound);
  return { id, uuid, email, firstName, lastName, role, company, isActive, isTechnician };
}

const isActiveTechnician = 's.is_technician and s.is_active';

const refusing = refusingBy({
  users_by_email: (cause) =>
    new Conflict('There is a user with this email address already.', { cause, field: 'email' }),
  users_tenant_id_company_id_fkey: noSuchCompany,
});

/**
 * Writes throw {Conflict} when the tenant has a user of that email address, {Invalid} when the company is none of this
 * tenant.
 */
export function usersIn(session: Session) {
  const rows = resourceRows(session, table, { columns, refusing });
  return {
    ...rows,

    /** Answers a visible user for a change that depends on how the user is; nobody else changes the user until commit. */
    async findToChange(visibility: Visibility, id: string): Promise<User | undefined> {
      const values: unknown[] = [visibility.tenantId, id];
      const condition = isOfVisibleCompany(visibility, (value) => `$${values.push(value)}`);
      const [row] = await session.queryAs<UserRow>(
        visibility.tenantId,
        `select ${userColumns} from users s where s.id = $2::integer and ${condition} for update`,
        values,
      );
      return row === undefined ? undefined : userFrom(row);
    },

    /** Answers the user with an email address, whatever the case of its ASCII letters. */
    async findByEmail(tenantId: string, email: string): Promise<UserWithPassword | undefined> {
      // PostgreSQL's text cannot hold it, so nobody has such an address.
      if (email.includes('\0')) return undefined;
      const [row] = await session.queryAs<UserRow & { passwordHash: string | null }>(
        tenantId,
        `select ${userColumns}, s.password_hash as "passwordHash" from users s
         where s.tenant_id = $1 and ${caseless('s.email')} = ${caseless('$2')}`,
        [tenantId, email],
      );
      return row === undefined
        ? undefined
        : { user: userFrom(row), passwordHash: row.passwordHash ?? undefined };
    },

    /**
     * Answers the numbers of the tenant's active owners who can sign in, in ascending order. Until commit nobody else takes
     * away one of them: of two owners who demote each other one stays. Comes before other locks on users, or two such
     * would wait for each other.
     */
    async lockActiveOwners(tenantId: string): Promise<number[]> {
      const owners = await session.queryAs<{ id: number }>(
        tenantId,
        `select s.id from users s
         where s.tenant_id = $1 and s.role = '${'owner' satisfies Role}' and s.is_active and s.password_hash is not null
         order by s.id for update`,
        [tenantId],
      );
      return owners.map(({ id }) => id);
    },

    /** @returns the new user's number */
    insert: (tenantId: string, user: WrittenUser & { uuid: string; createdAt: Date }): Promise<string> =>
      refusing(() => {
        const { uuid, createdAt, ...values } = user;
        const row = { uuid, created_at: createdAt, updated_at: createdAt, ...columns(values) };
        return insertNumberedRow(session, table.name, tenantId, row);
      }),

    /** Gives an active user another password, if the one that was checked is still the user's. */
    async replacePassword(
      tenantId: string,
      { userId, from, to, now }: { userId: number; from: string; to: string; now: Date },
    ): Promise<boolean> {
      const replaced = await session.queryAs(
        tenantId,
        `update users s set password_hash = $4, updated_at = ${nextVersion('$5::timestamptz')}
         where s.tenant_id = $1 and s.id = $2::integer and s.password_hash = $3 and s.is_active returning 1`,
        [tenantId, userId, from, to, now],
      );
      return replaced.length > 0;
    },

    /** Takes the user from the charging stations, and deletes it. @returns whether it was there, not changed since */
    async delete(
      visibility: Visibility,
      { id, ifUpdatedAt, now }: { id: string; ifUpdatedAt: string | undefined; now: Date },
    ): Promise<boolean> {
      await session.queryAs(
        visibility.tenantId,
        `update charging_stations s set technician_user_id = null, updated_at = ${nextVersion('$3::timestamptz')}
         where s.tenant_id = $1 and s.technician_user_id = $2::integer`,
        [visibility.tenantId, id, now],
      );
      return rows.delete(visibility, id, ifUpdatedAt);
    },

    /** Answers a page of the active technicians (number, UUID, name, email), by first name, then last name. */
    technicians(visibility: Visibility, page: { limit: number; offset: number }): Promise<Page> {
      const values: unknown[] = [visibility.tenantId];
      const condition = `${isActiveTechnician} and ${isOfVisibleCompany(visibility, (value) => `$${values.push(value)}`)}`;
      return pageOf(session, visibility, [
        { text: `select count(*) from users s where ${condition}`, values },
        {
          text: `select s.id, s.uuid, s.first_name || ' ' || s.last_name, s.email from users s where ${condition}
                 order by lower(s.first_name), lower(s.last_name), s.id
                 limit ${page.limit} offset ${page.offset}`,
          values,
          isOneOff: true,
        },
      ]);
    },

    /** Answers whether the number is a visible, active technician's. */
    async isTechnician(visibility: Visibility, id: number): Promise<boolean> {
      const values: unknown[] = [visibility.tenantId, id];
      const condition = isOfVisibleCompany(visibility, (value) => `$${values.push(value)}`);
      const found = await session.queryAs(
        visibility.tenantId,
        `select 1 from users s where s.id = $2::integer and ${isActiveTechnician} and ${condition}`,
        values,
      );
      return found.length > 0;
    },
  };
}
