// What stations upload, as it comes: in parts, a transaction each, so that an upload that takes an hour holds no connection
// and none that breaks off is ever shown. The right to upload goes with the transaction that completes the file.
// docs/decisions/uploads_in_the_database.md

import type { Database } from './database.ts';
import { notificationSql } from './awaited_notifications.ts';
import { instantJson } from './events.ts';
import { inEveryTenant } from './every_tenant.ts';
import { nextVersion } from './versions.ts';

/** One attempt to upload a file. */
export type Upload = { readonly tenantId: string; readonly tokenHash: string; readonly fileId: string };

export type UploadedFile = {
  readonly name: string;
  readonly mediaType: string | undefined;
  /** Bytes. */
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
};

export type StationUploads = ReturnType<typeof stationUploadsOn>;

/** All throw {Unavailable}. */
export function stationUploadsOn(database: Database) {
  return {
    /**
     * Begins an attempt. An earlier one of the same right ends: what came of it is removed.
     *
     * @returns whether there is such a right
     */
    async begin({ tenantId, tokenHash, fileId }: Upload, now: Date): Promise<boolean> {
      const [, begun] = await database.transaction(
        [tenantId],
        [
          {
            text: `delete from station_files f using station_uploads u
                   where u.tenant_id = $1 and u.token_hash = $2 and u.expires_at > $3
                     and f.tenant_id = u.tenant_id and f.id = u.file_id`,
            values: [tenantId, tokenHash, now],
          },
          {
            text: `with granted as (
                     update station_uploads set file_id = $3
                     where tenant_id = $1 and token_hash = $2 and expires_at > $4
                     returning tenant_id, remote_command_id
                   )
                   insert into station_files
                     (tenant_id, id, charging_station_id, remote_command_id, created_at, updated_at)
                   select r.tenant_id, $3, r.charging_station_id, r.id, $4, $4
                   from granted g join remote_commands r on r.tenant_id = g.tenant_id and r.id = g.remote_command_id
                   returning id`,
            values: [tenantId, tokenHash, fileId, now],
          },
        ],
      );
      return begun?.length === 1;
    },

    /** @returns whether it is still this attempt's turn */
    async addPart({ tenantId, tokenHash, fileId }: Upload, number: number, bytes: Buffer): Promise<boolean> {
      const added = await database.queryAs(
        tenantId,
        `insert into station_file_parts (tenant_id, file_id, number, bytes)
         select tenant_id, file_id, $4, $5 from station_uploads
         where tenant_id = $1 and token_hash = $2 and file_id = $3
         returning number`,
        [tenantId, tokenHash, fileId, number, bytes],
      );
      return added.length === 1;
    },

    /** Answers how the station called the file in its answer to the command. */
    async toldName({ tenantId, fileId }: Upload): Promise<string | undefined> {
      const [row] = await database.queryAs<{ name: string | null }>(
        tenantId,
        `select coalesce(r.response ->> 'fileName', r.response ->> 'filename') as name
         from station_files f
         join remote_commands r on r.tenant_id = f.tenant_id and r.id = f.remote_command_id
         where f.tenant_id = $1 and f.id = $2`,
        [tenantId, fileId],
      );
      return row?.name ?? undefined;
    },

    /**
     * Completes the file: from now on it is shown, its command tells of it, and the right is used.
     *
     * @returns whether it was still this attempt's turn
     */
    async complete({ tenantId, tokenHash, fileId }: Upload, file: UploadedFile, now: Date): Promise<boolean> {
      const { name, mediaType, size, sha256 } = file;
      const notification = notificationSql({
        at: instantJson('$8::timestamptz'),
        action: `'Upload'`,
        status: `'Received'`,
        info: 'f.name',
        stationFileId: 'f.id',
      });
      const done = await database.queryAs(
        tenantId,
        `with used as (
           delete from station_uploads where tenant_id = $1 and token_hash = $2 and file_id = $3
           returning remote_command_id
         ), f as (
           update station_files s
           set name = $4, media_type = $5, size = $6, sha256 = $7, received_at = $8::timestamptz,
               updated_at = ${nextVersion('$8::timestamptz')}
           from used where s.tenant_id = $1 and s.id = $3
           returning s.id, s.name, s.remote_command_id
         )
         update remote_commands s
         set notifications = s.notifications || ${notification},
             updated_at = ${nextVersion('$8::timestamptz')}
         from f where s.tenant_id = $1 and s.id = f.remote_command_id
         returning s.id`,
        [tenantId, tokenHash, fileId, name, mediaType ?? null, size, sha256, now.toISOString()],
      );
      return done.length === 1;
    },

    /** Removes what came of an attempt that broke off. */
    async abandon({ tenantId, fileId }: Upload): Promise<void> {
      await database.queryAs(
        tenantId,
        'delete from station_files where tenant_id = $1 and id = $2 and received_at is null',
        [tenantId, fileId],
      );
    },
  };
}

/** Forgets rights that nobody used in time, and what broke off where the process that received it was lost. */
export async function forgetUploads(database: Database, now: Date): Promise<void> {
  await inEveryTenant(database, [
    { text: 'delete from station_uploads where expires_at <= $1', values: [now] },
    {
      text: `delete from station_files f
             where f.received_at is null and not exists (
               select from station_uploads u where u.tenant_id = f.tenant_id and u.remote_command_id = f.remote_command_id
                 and u.file_id = f.id)`,
      values: [],
    },
  ]);
}
