// The command line of the server: which verbs there are and what they take. Each verb is a file in verbs/, loaded when
// it is called: most of them need a small part of the server.

import cluster from 'node:cluster';
import { Command } from 'commander';
import { arrangeCollector } from './garbage_collection.ts';

arrangeCollector();

const program = new Command('chargeyard').description(
  'A self-hosted back end for charge point operators: the be.ENERGISED CPO API over OCPP stations.\n' +
    'Configured by environment variables: see docs/configuration.md.',
);

/** Adds a verb; every verb can answer in JSON. */
function verb(parent: Command, nameAndArguments: string, description: string): Command {
  return parent.command(nameAndArguments).description(description).option('--json', 'answer in JSON');
}

verb(program, 'serve', 'start the server')
  .option('--workers <number>', 'how many processes serve (default: CHARGEYARD_WORKERS, or 1)')
  .action(async (options) => (await import('./verbs/serve.ts')).serve(options));
verb(program, 'demo', 'start the server with a demo tenant and ten simulated stations').action(
  async (options) => (await import('./verbs/demo.ts')).demo(options),
);
verb(program, 'migrate', 'bring the database’s schema up to date').action(async (options) =>
  (await import('./verbs/migrate.ts')).migrate(options),
);

const tenant = program.command('tenant').description('tenants');
verb(tenant, 'create <slug>', 'create a tenant; the slug becomes its host name').action(
  async (slug, options) => (await import('./verbs/tenant_create.ts')).tenantCreate(slug, options),
);

verb(tenant, 'list', 'list the tenants').action(async (options) =>
  (await import('./verbs/tenant_list.ts')).tenantList(options),
);
verb(tenant, 'update <slug>', 'change its licence, and for how long its data is kept')
  .option('--cpo-api-licensed <yes|no>', 'whether its API clients may use the CPO API')
  .option('--communication-log-days <days>', 'for how many days its communication log is kept')
  .option('--meter-value-days <days>', 'for how many days its meter values are kept')
  .action(async (slug, options) => (await import('./verbs/tenant_update.ts')).tenantUpdate(slug, options));

const user = program.command('user').description('users: people who sign in, and technicians');
verb(user, 'create', 'create a user and show the password, once')
  .requiredOption('--tenant <slug>', 'the tenant')
  .requiredOption('--email <email>', 'the email address to sign in with')
  .requiredOption('--first-name <name>', 'the first name')
  .requiredOption('--last-name <name>', 'the last name')
  .requiredOption('--role <role>', 'owner, admin, operator or viewer')
  .option('--technician', 'can be assigned to charging stations')
  .option('--company <company>', 'the company that the user is bound to, by UUID or name')
  .option(
    '--visibility <mode>',
    'with --company: company, or subtree for its subordinates too (default: subtree)',
  )
  .option('--password-stdin', 'read the password from standard input')
  .action(async (options) => (await import('./verbs/user_create.ts')).userCreate(options));
verb(user, 'list', 'list a tenant’s users')
  .requiredOption('--tenant <slug>', 'the tenant')
  .action(async (options) => (await import('./verbs/user_list.ts')).userList(options));
verb(user, 'set-password <email>', 'give a user another password and end the user’s sessions')
  .requiredOption('--tenant <slug>', 'the tenant')
  .option('--password-stdin', 'read the password from standard input')
  .action(async (email, options) =>
    (await import('./verbs/user_set_password.ts')).userSetPassword(email, options),
  );

const company = program.command('company').description('companies of a tenant');
verb(company, 'create', 'create a company')
  .requiredOption('--tenant <slug>', 'the tenant')
  .requiredOption('--name <name>', 'the company’s name')
  .option('--parent <company>', 'the company above it, by UUID or name')
  .action(async (options) => (await import('./verbs/company_create.ts')).companyCreate(options));

const apiClient = program.command('api-client').description('API clients, which fetch access tokens');
verb(apiClient, 'create', 'create an API client and show its secret, once')
  .requiredOption('--tenant <slug>', 'the tenant')
  .requiredOption('--name <name>', 'what it is for')
  .option('--company <company>', 'the company it is bound to, by UUID or name')
  .option(
    '--visibility <mode>',
    'with --company: company, or subtree for its subordinates too (default: subtree)',
  )
  .option('--scope <scope...>', 'what it may do (default: cpoapi:*)')
  .action(async (options) => (await import('./verbs/api_client_create.ts')).apiClientCreate(options));
verb(apiClient, 'list', 'list a tenant’s API clients')
  .requiredOption('--tenant <slug>', 'the tenant')
  .action(async (options) => (await import('./verbs/api_client_list.ts')).apiClientList(options));
verb(apiClient, 'rotate-secret <client-id>', 'give an API client another secret and show it, once')
  .requiredOption('--tenant <slug>', 'the tenant')
  .action(async (clientId, options) =>
    (await import('./verbs/api_client_rotate_secret.ts')).apiClientRotateSecret(clientId, options),
  );
verb(apiClient, 'delete <client-id>', 'delete an API client; its access tokens stop working')
  .requiredOption('--tenant <slug>', 'the tenant')
  .action(async (clientId, options) =>
    (await import('./verbs/api_client_delete.ts')).apiClientDelete(clientId, options),
  );

const station = program.command('station').description('charging stations');
verb(station, 'create', 'create a charging station, so that it may connect')
  .requiredOption('--tenant <slug>', 'the tenant')
  .requiredOption('--identity <identity>', 'the identity in its WebSocket URL (chargeBoxIdentity)')
  .requiredOption('--label <label>', 'the name that operators see')
  .option('--company <company>', 'the company it belongs to, by UUID or name')
  .option('--password <password>', 'its HTTP Basic password, 16 to 40 characters')
  .action(async (options) => (await import('./verbs/station_create.ts')).stationCreate(options));
verb(station, 'list', 'list a tenant’s charging stations')
  .requiredOption('--tenant <slug>', 'the tenant')
  .action(async (options) => (await import('./verbs/station_list.ts')).stationList(options));

const imports = program.command('import').description('data of other systems');
verb(imports, 'ocpi <file>', 'import OCPI Locations with their EVSEs and connectors; - reads standard input')
  .requiredOption('--tenant <slug>', 'the tenant')
  .option('--company <company>', 'the company that all of it is to belong to, by UUID or name')
  .option('--dry-run', 'tell what would be imported, and write nothing')
  .addHelpText(
    'after',
    '\nExit codes: 0 all imported, 2 some rows skipped, 1 failed, 130 stopped. See docs/import.md.',
  )
  .action(async (file, options) => (await import('./verbs/import_ocpi.ts')).importOcpi(file, options));

// A worker of a server that was started by one of these verbs has the verb's arguments.
await (cluster.isWorker ? (await import('./verbs/worker.ts')).worker() : program.parseAsync());
