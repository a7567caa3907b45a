// chargeyard demo: the server with the tenant `demo` and ten simulated stations that connect to it over OCPP, and the
// quickstart's two calls ready to be copied.

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allRights } from '@chargeyard/contract/scopes';
import { driverTokensOf, simulatedStationIdentity, startFleet } from '@chargeyard/simulator';
import type { Config } from '../config.ts';
import { Conflict, hashedStationPassword, isPassword, isSecret, wholeTenant } from '../domain/index.ts';
import { newId, newPassword, newStationPassword } from '../ids.ts';
import type { Store, Tables } from '../store/index.ts';
import { insertApiClient } from './api_client_create.ts';
import { insertUser } from './user_create.ts';
import { replacePassword } from './user_set_password.ts';
import { whileServing } from './serve.ts';
import type { Running } from './serve.ts';
import { runVerb } from './verb.ts';
import type { VerbDeps } from './verb.ts';

const slug = 'demo';
const numbers = Array.from({ length: 10 }, (_, at) => at + 1);

type Credentials = { readonly clientId: string; readonly clientSecret: string };
const ownerEmail = 'owner@demo.example';

export async function demo(options: { json?: boolean }): Promise<void> {
  await runVerb(options, (deps) => whileServing(deps, (running) => runDemo(deps, running)));
}

async function runDemo(
  { config, clock, console }: VerbDeps,
  { store, app, stopped }: Running,
): Promise<void> {
  const tenantId = await demoTenant(store, clock.now());
  const credentials = await demoApiClient(store, tenantId, config, clock.now());
  const ownerPassword = await demoOwner(store, tenantId, config, clock.now());
  const passwords = await demoStations(store, tenantId, clock.now());
  await demoDrivers(store, tenantId, clock.now());

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
    await writeDemoEnvironment(config, baseUrl, credentials, ownerPassword);
    const tenantUrl = `http://${slug}.${config.baseDomain}:${app.port}`;
    console.result(
      { baseUrl, tenantUrl, ...credentials, ownerEmail, ownerPassword },
      instructions(config, baseUrl, tenantUrl, credentials, ownerPassword),
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

const labelOf = (n: number) => `Station ${n}`;
const identityOf = (n: number) => simulatedStationIdentity(n).identity;

async function demoTenant(store: Store, now: Date): Promise<string> {
  const known = await store.tenants.findBySlug(slug);
  if (known !== undefined) return known.id;
  const id = newId();
  await store.inTransaction(async (tables) => {
    await tables.tenants.insert({ id, slug, createdAt: now });
    await furnish(tables, id, now);
  });
  return id;
}

/** Gives a new tenant a company, models, and the stations of these models at a location. */
async function furnish(tables: Tables, tenantId: string, now: Date): Promise<void> {
  const created = { createdAt: now };
  const companyId = newId();
  const locationId = newId();
  await tables.companies.insert(tenantId, {
    id: companyId,
    name: 'Demo company',
    parentId: undefined,
    ...created,
  });
  await tables.locations.insert(tenantId, { id: locationId, name: 'Demo car park', companyId, ...created });
  const models = new Map<string, number>();
  for (const n of numbers) {
    const { identity, vendor, model } = simulatedStationIdentity(n);
    const modelId =
      models.get(model) ??
      Number(await tables.chargingStationModels.insert(tenantId, { vendor, name: model, ...created }));
    models.set(model, modelId);
    const id = newId();
    const station = { id, identity, label: labelOf(n), companyId, modelId, timeZone: 'Europe/Berlin' };
    await tables.chargingStations.insert(tenantId, { ...station, passwordHash: undefined, ...created });
    await tables.chargingStations.assignLocation(wholeTenant(tenantId), { id, locationId, now });
  }
}

/** The API client of the start before, if its secret is still at hand, so that what a person copied keeps working. */
async function demoApiClient(
  store: Store,
  tenantId: string,
  config: Config,
  now: Date,
): Promise<Credentials> {
  const clientId = await readDemoEnvironment(config, 'CLIENT_ID');
  const clientSecret = await readDemoEnvironment(config, 'CLIENT_SECRET');
  if (clientId !== undefined && clientSecret !== undefined) {
    const client = await store.apiClients.find(clientId);
    if (client?.tenantId === tenantId && isSecret(clientSecret, client.secretHash))
      return { clientId, clientSecret };
  }
  return insertApiClient(store, {
    tenantId,
    name: 'Demo',
    scopes: [allRights],
    company: undefined,
    createdAt: now,
  });
}

/** Answers the password of the demo's owner: the one of the start before, if it still is, else a new one. */
async function demoOwner(store: Store, tenantId: string, config: Config, now: Date): Promise<string> {
  const known = await store.users.findByEmail(tenantId, ownerEmail);
  const kept = await readDemoEnvironment(config, 'OWNER_PASSWORD');
  if (kept !== undefined && (await isPassword(kept, known?.passwordHash))) return kept;
  const password = newPassword();
  if (known === undefined) {
    await insertUser(store, tenantId, {
      email: ownerEmail,
      firstName: 'Demo',
      lastName: 'Owner',
      role: 'owner',
      company: undefined,
      isTechnician: true,
      password,
      createdAt: now,
    });
  } else {
    await replacePassword(store, tenantId, { userId: known.user.id, password, now });
  }
  return password;
}

/** Makes the stations that are missing, gives each a new password, and answers the passwords by identity. */
async function demoStations(store: Store, tenantId: string, now: Date): Promise<Map<string, string>> {
  const passwords = new Map<string, string>();
  for (const n of numbers) {
    const identity = identityOf(n);
    const password = newStationPassword();
    const passwordHash = hashedStationPassword(password);
    const known = (await store.findStationAccess(slug, identity))?.station;
    if (known === undefined) {
      const station = {
        id: newId(),
        identity,
        label: labelOf(n),
        companyId: undefined,
        passwordHash,
        createdAt: now,
      };
      await store.chargingStations.insert(tenantId, station);
    } else {
      await store.chargingStations.updatePassword(tenantId, known.id, passwordHash, now);
    }
    passwords.set(identity, password);
  }
  return passwords;
}

/** Makes the driver tokens that are missing of those who charge at the stations by themselves. */
async function demoDrivers(store: Store, tenantId: string, now: Date): Promise<void> {
  for (const n of numbers) {
    for (const [at, value] of driverTokensOf(simulatedStationIdentity(n)).entries()) {
      const label = `Driver at ${labelOf(n)}, connector ${at + 1}`;
      try {
        await store.driverTokens.insert(tenantId, { id: newId(), value, label, createdAt: now });
      } catch (error) {
        if (!(error instanceof Conflict)) throw error;
      }
    }
  }
}

const environmentFile = (config: Config) => join(config.dataFolder, 'demo.env');

async function readDemoEnvironment(config: Config, name: string): Promise<string | undefined> {
  const text = await readFile(environmentFile(config), 'utf8').catch(() => '');
  return new RegExp(`^${name}=(.+)$`, 'm').exec(text)?.[1];
}

async function writeDemoEnvironment(
  config: Config,
  baseUrl: string,
  { clientId, clientSecret }: Credentials,
  ownerPassword: string,
): Promise<void> {
  const file = environmentFile(config);
  const values = {
    BASE_URL: baseUrl,
    CLIENT_ID: clientId,
    CLIENT_SECRET: clientSecret,
    OWNER_EMAIL: ownerEmail,
    OWNER_PASSWORD: ownerPassword,
  };
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}\n`);
  await mkdir(config.dataFolder, { recursive: true });
  await writeFile(`${file}.new`, lines.join(''), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

function instructions(
  config: Config,
  baseUrl: string,
  tenantUrl: string,
  credentials: Credentials,
  ownerPassword: string,
): string {
  const { clientId, clientSecret } = credentials;
  return `
Chargeyard runs with tenant "${slug}" and ten charging stations connected over OCPP 1.6J.

  client id      ${clientId}
  client secret  ${clientSecret}
  owner          ${ownerEmail}
  password       ${ownerPassword}
  (also in ${environmentFile(config)})

Fetch an access token:

curl --location --request POST '${baseUrl}/token?grant_type=client_credentials&client_id=${clientId}&client_secret=${clientSecret}' \\
  --header 'Content-Type: application/x-www-form-urlencoded'

List the charging stations, with the access_token of that answer in place of <access_token>:

curl --location --request GET '${tenantUrl}/api/cpoapi/v1/charging_stations/' \\
--header 'Authorization: <access_token>'

Sign in as the owner, to manage users and API clients (${tenantUrl}/docs/settings shows how):

curl --cookie-jar cookies.txt '${tenantUrl}/api/settings/v1/session' \\
  --header 'Content-Type: application/json' --data '{"email":"${ownerEmail}","password":"${ownerPassword}"}'

Ctrl-C stops everything; the next start finds the data again.`;
}
