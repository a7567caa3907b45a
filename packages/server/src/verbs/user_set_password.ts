// chargeyard user set-password <email> --tenant … [--password-stdin]

import { NotFound, faultsOfPassword, hashedPassword, wholeTenant } from '../domain/index.ts';
import { newPassword } from '../ids.ts';
import { runOnStore } from './verb.ts';

export async function userSetPassword(
  email: string,
  options: { tenant: string; passwordStdin?: boolean; json?: boolean },
): Promise<void> {
  await runOnStore(options, async ({ store, clock, console }) => {
    const { id: tenantId } = await store.tenants.getBySlug(options.tenant);
    const known = await store.users.findByEmail(tenantId, email);
    if (known === undefined) throw new NotFound(`There is no user "${email}" in tenant "${options.tenant}".`);
    const { user } = known;
    const password = options.passwordStdin ? await console.line() : newPassword();
    const [fault] = faultsOfPassword(password, user);
    if (fault !== undefined) throw fault;
    const values = { passwordHash: await hashedPassword(password) };
    await store.inTransaction(async (tables) => {
      const change = { id: String(user.id), values, ifUpdatedAt: undefined, now: clock.now() };
      await tables.users.update(wholeTenant(tenantId), change);
      await tables.sessions.deleteOfUser(tenantId, user.id);
    });
    const sentence = `The password of ${user.email} is set; all sessions of the user have ended.`;
    console.result(
      { id: user.id, email: user.email, ...(options.passwordStdin ? {} : { password }) },
      options.passwordStdin ? sentence : `${sentence} It is shown only now.\n\n  password  ${password}`,
    );
  });
}
