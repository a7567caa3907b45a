// The command line of the server: which verbs there are and what they take. Each verb is a file in verbs/.

import { Command } from 'commander';
import { apiClientCreate } from './verbs/api_client_create.ts';
import { apiClientDelete } from './verbs/api_client_delete.ts';
import { companyCreate } from './verbs/company_create.ts';
import { demo } from './verbs/demo.ts';
import { migrateVerb } from './verbs/migrate.ts';
import { serve } from './verbs/serve.ts';
import { stationCreate } from './verbs/station_create.ts';
import { stationList } from './verbs/station_list.ts';
import { tenantCreate } from './verbs/tenant_create.ts';
import { runVerb } from './verbs/verb.ts';

const program = new Command('chargeyard').description(
  'A self-hosted back end for charge point operators: the be.ENERGISED CPO API over OCPP stations.\n' +
    'Configured by environment variables: see docs/configuration.md.',
);

/** Adds a verb; every verb can answer in JSON. */
function verb(parent: Command, nameAndArguments: string, description: string): Command {
  return parent.command(nameAndArguments).description(description).option('--json', 'answer in JSON');
}

verb(program, 'serve', 'start the server').action((options) => runVerb(options, serve, { isService: true }));
verb(program, 'demo', 'start the server with a demo tenant and ten simulated stations').action((options) =>
  runVerb(options, demo),
);
verb(program, 'migrate', 'bring the database’s schema up to date').action(migrateVerb);

const tenant = program.command('tenant').description('tenants');
verb(tenant, 'create <slug>', 'create a tenant; the slug becomes its host name').action(tenantCreate);

const company = program.command('company').description('companies of a tenant');
verb(company, 'create', 'create a company')
  .requiredOption('--tenant <slug>', 'the tenant')
  .requiredOption('--name <name>', 'the company’s name')
  .option('--parent <company>', 'the company above it, by UUID or name')
  .action(companyCreate);

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
  .action(apiClientCreate);
verb(apiClient, 'delete <client-id>', 'delete an API client; its access tokens stop working')
  .requiredOption('--tenant <slug>', 'the tenant')
  .action(apiClientDelete);

const station = program.command('station').description('charging stations');
verb(station, 'create', 'create a charging station, so that it may connect')
  .requiredOption('--tenant <slug>', 'the tenant')
  .requiredOption('--identity <identity>', 'the identity in its WebSocket URL (chargeBoxIdentity)')
  .requiredOption('--label <label>', 'the name that operators see')
  .option('--company <company>', 'the company it belongs to, by UUID or name')
  .option('--password <password>', 'its HTTP Basic password, 16 to 40 characters')
  .action(stationCreate);
verb(station, 'list', 'list a tenant’s charging stations')
  .requiredOption('--tenant <slug>', 'the tenant')
  .action(stationList);

await program.parseAsync();
