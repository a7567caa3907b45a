// tenants: outside the tenants' wall, since it is what a tenant is looked up in.

import { Conflict, NotFound } from '../domain/index.ts';
import type { Tenant } from '../domain/index.ts';
import { brokenConstraint } from './database.ts';
import type { Session } from './database.ts';

export function tenantsIn(session: Session) {
  return {
    /** @throws {Conflict} when the slug is taken */
    async insert(tenant: Tenant & { createdAt: Date }): Promise<void> {
      try {
        await session.query('insert into tenants (id, slug, created_at) values ($1, $2, $3)', [
          tenant.id,
          tenant.slug,
          tenant.createdAt,
        ]);
      } catch (error) {
        if (brokenConstraint(error) !== 'tenants_slug_key') throw error;
        throw new Conflict(`There is a tenant "${tenant.slug}" already.`, { cause: error });
      }
    },

    async areNone(): Promise<boolean> {
      return (await session.query('select 1 from tenants limit 1')).length === 0;
    },

    async findBySlug(slug: string): Promise<Tenant | undefined> {
      const [row] = await session.query<Tenant>('select id, slug from tenants where slug = $1', [slug]);
      return row;
    },

    /** @throws {NotFound} */
    async getBySlug(slug: string): Promise<Tenant> {
      const tenant = await this.findBySlug(slug);
      if (tenant === undefined) {
        throw new NotFound(`There is no tenant "${slug}"; "chargeyard tenant create ${slug}" makes it.`);
      }
      return tenant;
    },
  };
}
