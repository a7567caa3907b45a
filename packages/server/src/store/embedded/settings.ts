// PostgreSQL's settings. Those of a new cluster go into its postgresql.conf, where an operator may change them;
// those that Chargeyard relies on are given at every start and cannot be changed.

/** Written into a new cluster's postgresql.conf: an OLTP server on a small machine, quiet in its log. */
export const initialSettings: Readonly<Record<string, string>> = {
  max_connections: '60',
  shared_buffers: '128MB',
  // Containers have a /dev/shm of 64 MB or less, which the default (posix) would fill.
  dynamic_shared_memory_type: 'mmap',
  max_wal_size: '1GB',
  random_page_cost: '1.1',
  // Compiling costs more than our short queries.
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  log_autovacuum_min_duration: '-1',
};

/** Given at every start. `settings` come last and win. */
export function startArguments(
  cluster: string,
  socketFolder: string,
  settings: Readonly<Record<string, string>>,
): string[] {
  const all = {
    listen_addresses: '',
    // A comma list, so that the path needs quotes; doubled inside (SplitDirectoriesString in PostgreSQL's varlena.c).
    unix_socket_directories: `"${socketFolder.replaceAll('"', '""')}"`,
    unix_socket_permissions: '0700',
    ...settings,
  };
  return ['-D', cluster, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}
