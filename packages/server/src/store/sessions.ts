// sessions: of users who signed in. A session is found by the hash of its token, within its tenant.

import { lastingSession } from '../domain/index.ts';
import type { UserPrincipal } from '../domain/index.ts';
import type { Session } from './database.ts';
import { userColumns, userFrom } from './users.ts';
import type { UserRow } from './users.ts';

/** When a session was last used is written so often at most, not with every request. */
const writtenEveryMs = 60_000;
/** Of one user. Nobody has so many browsers; a program that signs in for each of its requests would. */
const mostOfUser = 50;

export function sessionsIn(session: Session) {
  return {
    /**
     * Begins a session, if the user is still as when the password was checked. Those of the tenant that have ended go, and of
     * the user's the oldest above fifty.
     *
     * @param passwordHash what the password was checked against
     */
    async insert(begun: {
      tenantId: string;
      id: string;
      userId: number;
      passwordHash: string;
      tokenHash: string;
      now: Date;
    }): Promise<boolean> {
      const { tenantId, now } = begun;
      const { begunAfter, usedAfter } = lastingSession(now);
      await session.queryAs(
        tenantId,
        'delete from sessions where tenant_id = $1 and (created_at <= $2 or last_used_at <= $3)',
        [tenantId, begunAfter, usedAfter],
      );
      // Whoever changes the password or deactivates the user meanwhile comes before this, or deletes this session.
      const inserted = await session.queryAs(
        tenantId,
        `insert into sessions (tenant_id, id, user_id, token_hash, created_at, last_used_at)
         select u.tenant_id, $2, u.id, $5, $6, $6 from users u
         where u.tenant_id = $1 and u.id = $3::integer and u.is_active and u.password_hash = $4 for share
         returning 1`,
        [tenantId, begun.id, begun.userId, begun.passwordHash, begun.tokenHash, now],
      );
      await session.queryAs(
        tenantId,
        `delete from sessions where tenant_id = $1 and id = any (array(
           select s.id from sessions s where s.tenant_id = $1 and s.user_id = $2::integer
           order by s.created_at desc, s.id desc offset ${mostOfUser}))`,
        [tenantId, begun.userId],
      );
      return inserted.length > 0;
    },

    /** Answers the session that a token is of, and its user; undefined when it has ended. Notes that it was used. */
    async find(
      tenantId: string,
      tokenHash: string,
      now: Date,
    ): Promise<Pick<UserPrincipal, 'user' | 'session'> | undefined> {
      const { begunAfter, usedAfter } = lastingSession(now);
      const [row] = await session.queryAs<UserRow & { sessionId: string; startedAt: Date; lastUsedAt: Date }>(
        tenantId,
        `select ${userColumns}, t.id as "sessionId", t.created_at as "startedAt", t.last_used_at as "lastUsedAt"
         from sessions t join users s on s.tenant_id = $1 and s.id = t.user_id
         where t.tenant_id = $1 and t.token_hash = $2 and t.created_at > $3 and t.last_used_at > $4 and s.is_active`,
        [tenantId, tokenHash, begunAfter, usedAfter],
      );
      if (row === undefined) return undefined;
      if (now.getTime() - row.lastUsedAt.getTime() >= writtenEveryMs) {
        await session.queryAs(
          tenantId,
          'update sessions set last_used_at = $3 where tenant_id = $1 and id = $2 and last_used_at < $3',
          [tenantId, row.sessionId, now],
        );
      }
      return { user: userFrom(row), session: { id: row.sessionId, startedAt: row.startedAt } };
    },

    async delete(tenantId: string, id: string): Promise<void> {
      await session.queryAs(tenantId, 'delete from sessions where tenant_id = $1 and id = $2', [
        tenantId,
        id,
      ]);
    },

    /** Ends all sessions of a user. */
    async deleteOfUser(tenantId: string, userId: number): Promise<void> {
      await session.queryAs(tenantId, 'delete from sessions where tenant_id = $1 and user_id = $2', [
        tenantId,
        userId,
      ]);
    },
  };
}
