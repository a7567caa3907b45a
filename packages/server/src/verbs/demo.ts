// chargeyard demo: the server with the tenant `demo` and ten simulated stations that connect to it over OCPP, and the
// quickstart's two calls ready to be copied.

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allRights } from '@chargeyard/contract/scopes';
import { simulatedStationIdentity, startFleet } from '@chargeyard/simulator';
import type { Config } from '../config.ts';
import { hashedSecret, isSecret } from '../domain/index.ts';
import { newId, newSecret } from '../ids.ts';
import type { Store } from '../store/index.ts';
import { insertApiClient } from './api_client_create.ts';
import { whileServing } from './serve.ts';
import type { Running } from './serve.ts';
import { runVerb } from './verb.ts';
import type { VerbDeps } from './verb.ts';

const slug = 'demo';
const numbers = Array.from({ length: 10 }, (_, at) => at + 1);

type Credentials = { readonly clientId: string; readonly clientSecret: string };

export async function demo(options: { json?: boolean }): Promise<void> {
  await runVerb(options, (deps) => whileServing(deps, (running) => runDemo(deps, running)));
}

async function runDemo(
  { config, clock, console }: VerbDeps,
  { store, app, stopped }: Running,
): Promise<void> {
  const tenantId = await demoTenant(store, clock.now());
  const credentials = await demoApiClient(store, tenantId, config, clock.now());
  const passwords = await demoStations(store, tenantId, clock.now());

  console.progress('Connecting ten simulated charging stations…');
  const fleet = startFleet({
    url: `ws://${reachableHost(config)}:${app.port}/ocpp/${slug}`,
    stations: numbers.map((n) => ({
      ...simulatedStationIdentity(n),
      password: passwords.get(identityOf(n)) ?? '',
    })),
  });
  try {
    await Promise.race([fleet.allBooted, stopped]);
    const baseUrl = `http://${reachableHost(config)}:${app.port}`;
    await writeDemoEnvironment(config, baseUrl, credentials);
    const tenantUrl = `http://${slug}.${config.baseDomain}:${app.port}`;
    console.result(
      { baseUrl, tenantUrl, ...credentials },
      instructions(config, baseUrl, tenantUrl, credentials),
    );
    await stopped;
  } finally {
    await fleet.close();
  }
}

/** Where this machine reaches itself: localhost, unless the server listens on one address alone. */
function reachableHost({ host }: Config): string {
  if (host === '::' || host === '0.0.0.0') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

const identityOf = (n: number) => simulatedStationIdentity(n).identity;

async function demoTenant(store: Store, now: Date): Promise<string> {
  const known = await store.tenants.findBySlug(slug);
  if (known !== undefined) return known.id;
  const id = newId();
  await store.tenants.insert({ id, slug, createdAt: now });
  return id;
}

/** The API client of the start before, if its secret is still at hand, so that what a person copied keeps working. */
async function demoApiClient(
  store: Store,
  tenantId: string,
  config: Config,
  now: Date,
): Promise<Credentials> {
  const known = await readDemoEnvironment(config);
  const client = known === undefined ? undefined : await store.apiClients.find(known.clientId);
  if (known !== undefined && client?.tenantId === tenantId && isSecret(known.clientSecret, client.secretHash))
    return known;
  return insertApiClient(store, {
    tenantId,
    name: 'Demo',
    scopes: [allRights],
    company: undefined,
    createdAt: now,
  });
}

/** Makes the stations that are missing, gives each a new password, and answers the passwords by identity. */
async function demoStations(store: Store, tenantId: string, now: Date): Promise<Map<string, string>> {
  const passwords = new Map<string, string>();
  for (const n of numbers) {
    const identity = identityOf(n);
    const password = newSecret().slice(0, 40);
    const passwordHash = hashedSecret(password);
    const known = await store.chargingStations.findAtTheDoor(slug, identity);
    if (known === undefined) {
      const station = {
        id: newId(),
        identity,
        label: `Station ${n}`,
        companyId: undefined,
        passwordHash,
        createdAt: now,
      };
      await store.chargingStations.insert(tenantId, station);
    } else {
      await store.chargingStations.updatePassword(tenantId, known.chargingStationId, passwordHash, now);
    }
    passwords.set(identity, password);
  }
  return passwords;
}

const environmentFile = (config: Config) => join(config.dataFolder, 'demo.env');

async function readDemoEnvironment(config: Config): Promise<Credentials | undefined> {
  const text = await readFile(environmentFile(config), 'utf8').catch(() => '');
  const clientId = /^CLIENT_ID=(.+)$/m.exec(text)?.[1];
  const clientSecret = /^CLIENT_SECRET=(.+)$/m.exec(text)?.[1];
  return clientId === undefined || clientSecret === undefined ? undefined : { clientId, clientSecret };
}

async function writeDemoEnvironment(
  config: Config,
  baseUrl: string,
  credentials: Credentials,
): Promise<void> {
  const file = environmentFile(config);
  const text = `BASE_URL=${baseUrl}\nCLIENT_ID=${credentials.clientId}\nCLIENT_SECRET=${credentials.clientSecret}\n`;
  await mkdir(config.dataFolder, { recursive: true });
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

function instructions(config: Config, baseUrl: string, tenantUrl: string, credentials: Credentials): string {
  const { clientId, clientSecret } = credentials;
  return `
Chargeyard runs with tenant "${slug}" and ten charging stations connected over OCPP 1.6J.

  client id      ${clientId}
  client secret  ${clientSecret}
  (also in ${environmentFile(config)})

Fetch an access token:

curl --location --request POST '${baseUrl}/token?grant_type=client_credentials&client_id=${clientId}&client_secret=${clientSecret}' \\
  --header 'Content-Type: application/x-www-form-urlencoded'

List the charging stations, with the access_token of that answer in place of <access_token>:

curl --location --request GET '${tenantUrl}/api/cpoapi/v1/charging_stations/' \\
--header 'Authorization: <access_token>'

Ctrl-C stops everything; the next start finds the data again.`;
}
