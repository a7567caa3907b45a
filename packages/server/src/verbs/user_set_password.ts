// chargeyard user set-password <email> --tenant … [--password-stdin]

import { NotFound, hashedPassword, wholeTenant } from '../domain/index.ts';
import { newPassword } from '../ids.ts';
import type { Store } from '../store/index.ts';
import { allOf } from './all_of.ts';
import { checkedPassword } from './user_create.ts';
import { runOnStore } from './verb.ts';

export async function userSetPassword(
  email: string,
  options: { tenant: string; passwordStdin?: boolean; json?: boolean },
): Promise<void> {
  await runOnStore(options, async ({ store, clock, console }) => {
    const { id: tenantId } = await store.tenants.getBySlug(options.tenant);
    const given = options.passwordStdin ? await console.line() : newPassword();
    const { user, password } = await allOf({
      async user() {
        const known = await store.users.findByEmail(tenantId, email);
        if (known !== undefined) return known.user;
        throw new NotFound(`There is no user "${email}" in tenant "${options.tenant}".`);
      },
      password: () => checkedPassword(given, { email }),
    });
    await replacePassword(store, tenantId, { userId: user.id, password, now: clock.now() });
    const sentence = `The password of ${user.email} is set; all sessions of the user have ended.`;
    console.result(
      { id: user.id, email: user.email, ...(options.passwordStdin ? {} : { password }) },
      options.passwordStdin ? sentence : `${sentence} It is shown only now.\n\n  password  ${password}`,
    );
  });
}

/** Gives a user another password, which was checked, and ends the user's sessions. */
export async function replacePassword(
  store: Store,
  tenantId: string,
  { userId, password, now }: { userId: number; password: string; now: Date },
): Promise<void> {
  const values = { passwordHash: await hashedPassword(password) };
  await store.inTransaction(async (tables) => {
    const change = { id: String(userId), values, ifUpdatedAt: undefined, now };
    await tables.users.update(wholeTenant(tenantId), change);
    await tables.sessions.deleteOfUser(tenantId, userId);
  });
}
