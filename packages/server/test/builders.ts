// Builders of what a test needs to be there. Each writes through the store, as the server itself would.

import { createHash } from 'node:crypto';
import { allRights } from '@chargeyard/contract/scopes';
import {
  hashedPassword,
  hashedSecret,
  hashedStationPassword,
  normalisedSample,
  uploadTokenHash,
  wholeTenant,
} from '../src/domain/index.ts';
import type {
  CallMade,
  CommandOrder,
  CompanyVisibility,
  ConnectorReported,
  MeterRead,
  Role,
  StationReference,
  StationReported,
  TransactionStarted,
} from '../src/domain/index.ts';
import { newClientId, newId, newSecret } from '../src/ids.ts';
import { plainQuery } from '../src/store/index.ts';
import type { FetchedConfiguration, Store } from '../src/store/index.ts';

let made = 0;
const next = () => (made += 1);

/** A tenant with a slug of its own. */
export async function aTenant(store: Store): Promise<{ id: string; slug: string }> {
  const tenant = { id: newId(), slug: `tenant-${next()}` };
  await store.tenants.insert({ ...tenant, createdAt: new Date() });
  return tenant;
}

/** A company; with a parent it is subordinate to that. */
export async function aCompany(store: Store, tenantId: string, parentId?: string): Promise<string> {
  const id = newId();
  await store.companies.insert(tenantId, { id, name: `Company ${next()}`, parentId, createdAt: new Date() });
  return id;
}

/** A charging station; with a password it must authenticate. */
export async function aChargingStation(
  store: Store,
  tenantId: string,
  options: {
    identity?: string;
    label?: string;
    companyId?: string;
    password?: string;
    createdAt?: Date;
  } = {},
): Promise<{ id: string; identity: string }> {
  const id = newId();
  const identity = options.identity ?? `cp_${next()}`;
  await store.chargingStations.insert(tenantId, {
    id,
    identity,
    label: options.label ?? `Station ${identity}`,
    companyId: options.companyId,
    passwordHash: options.password === undefined ? undefined : hashedStationPassword(options.password),
    createdAt: options.createdAt ?? new Date(),
  });
  return { id, identity };
}

/** An identity that nobody created, after its first attempt to connect. */
export async function aWaitingChargingStation(
  store: Store,
  tenantId: string,
  options: { identity?: string; address?: string } = {},
): Promise<{ id: string; identity: string }> {
  const { identity = `unknown_${next()}`, address = '192.0.2.7' } = options;
  const who = { identity, subprotocols: ['ocpp1.6'] };
  store.refusedStations.note({ tenantId, at: new Date(), address, who });
  await store.refusedStations.write();
  const { rows } = await store.waitingChargingStations.page(wholeTenant(tenantId), {
    ...plainQuery({ limit: 1, offset: 0, now: new Date() }),
    filters: [{ field: 'identity', values: [identity] }],
  });
  return { id: rows[0]?.[0] ?? '', identity };
}

/** A charging station model; answers its number. */
export async function aChargingStationModel(store: Store, tenantId: string): Promise<number> {
  const model = { vendor: 'Vendor', name: `Model ${next()}`, createdAt: new Date() };
  return Number(await store.chargingStationModels.insert(tenantId, model));
}

type Report = Partial<
  Pick<
    ConnectorReported,
    'status' | 'errorCode' | 'vendorErrorCode' | 'vendorId' | 'info' | 'at' | 'receivedAt' | 'connectionId'
  >
>;

/** What a station tells of a connector, or of itself: number 0. */
export async function aReport(
  store: Store,
  tenantId: string,
  chargingStationId: string,
  connectorNumber: number,
  report: Report = {},
): Promise<void> {
  await store.stationFacts.record({
    kind: 'connector_reported',
    tenantId,
    chargingStationId,
    connectionId: newId(),
    connectorNumber,
    status: 'Available',
    errorCode: 'NoError',
    vendorErrorCode: undefined,
    vendorId: undefined,
    info: undefined,
    at: new Date('2026-11-25T11:00:00.000Z'),
    receivedAt: report.at ?? new Date('2026-11-25T11:00:00.000Z'),
    ...report,
  });
}

/** A connector, as a station's first report makes it; answers its id. */
export async function aConnector(
  store: Store,
  tenantId: string,
  chargingStationId: string,
  connectorNumber: number,
  report: Report = {},
): Promise<string> {
  await aReport(store, tenantId, chargingStationId, connectorNumber, report);
  const { rows } = await store.connectors.page(wholeTenant(tenantId), {
    ...plainQuery({ limit: 1, offset: 0, now: new Date() }),
    filters: [
      { field: 'chargingStationId', values: [chargingStationId] },
      { field: 'number', values: [String(connectorNumber)] },
    ],
  });
  return rows[0]?.[0] ?? '';
}

/** An error that is open, as a station's report makes it; answers its id. */
export async function anError(
  store: Store,
  tenantId: string,
  chargingStationId: string,
  connectorNumber: number,
  report: Report = {},
): Promise<string> {
  const fault = { status: 'Faulted', errorCode: 'GroundFailure', ...report };
  await aReport(store, tenantId, chargingStationId, connectorNumber, fault);
  const { rows } = await store.stationErrors.page(wholeTenant(tenantId), {
    ...plainQuery({ limit: 1, offset: 0, now: new Date() }),
    filters: [
      { field: 'chargingStationId', values: [chargingStationId] },
      { field: 'connectorNumber', values: [String(connectorNumber)] },
      { field: 'isOpen', values: ['true'] },
    ],
  });
  return rows[0]?.[0] ?? '';
}

const saidBy = (tenantId: string, chargingStationId: string) => ({
  tenantId,
  chargingStationId,
  connectionId: newId(),
  receivedAt: new Date('2026-11-25T11:00:00.000Z'),
});

/** A transaction that a station started and did not stop; answers its number. */
export async function aTransaction(
  store: Store,
  tenantId: string,
  chargingStationId: string,
  options: Partial<Pick<TransactionStarted, 'driverToken' | 'connectorNumber' | 'startedAt'>> = {},
): Promise<number> {
  const { transactionId } = await store.stationFacts.record({
    ...saidBy(tenantId, chargingStationId),
    kind: 'transaction_started',
    connectorNumber: 1,
    driverToken: `T${next()}`,
    meterStartWh: 1000,
    reservationId: undefined,
    startedAt: new Date('2026-11-25T11:00:00.000Z'),
    ...options,
  });
  return transactionId;
}

/** What the meter of a connector read; answers the row's id. */
export async function aMeterValue(
  store: Store,
  tenantId: string,
  chargingStationId: string,
  options: Partial<Pick<MeterRead, 'connectorNumber' | 'reportedId' | 'measuredAt' | 'samples'>> = {},
): Promise<string> {
  await store.stationFacts.record({
    ...saidBy(tenantId, chargingStationId),
    kind: 'meter_read',
    connectorNumber: 1,
    reportedId: undefined,
    measuredAt: new Date('2026-11-25T11:00:00.000Z'),
    samples: [normalisedSample({ value: '1200' })],
    ...options,
  });
  const { rows } = await store.meterValues.page(wholeTenant(tenantId), {
    ...plainQuery({ limit: 1, offset: 0, now: new Date() }),
    filters: [{ field: 'chargingStationId', values: [chargingStationId] }],
  });
  return rows[0]?.[0] ?? '';
}

/** The id of what a connector's meter read last, which must have been. */
export async function aLatestMeterValue(
  store: Store,
  tenantId: string,
  chargingStationId: string,
): Promise<string> {
  const { rows } = await store.latestMeterValues.page(wholeTenant(tenantId), {
    ...plainQuery({ limit: 1, offset: 0, now: new Date() }),
    filters: [{ field: 'chargingStationId', values: [chargingStationId] }],
  });
  return rows[0]?.[0] ?? '';
}

type SelfReport = Partial<Omit<StationReported, keyof StationReference | 'kind'>>;

/** What a station reports of itself: a download of firmware, unless said otherwise. Answers the id of its newest report. */
export async function aStationReport(
  store: Store,
  tenantId: string,
  chargingStationId: string,
  report: SelfReport = {},
): Promise<string> {
  await store.stationFacts.record({
    kind: 'station_reported',
    tenantId,
    chargingStationId,
    connectionId: newId(),
    report: 'firmware',
    status: 'Downloading',
    securityEvent: undefined,
    requestId: undefined,
    details: undefined,
    reason: undefined,
    certificateChain: undefined,
    toldAt: undefined,
    receivedAt: new Date('2026-11-25T11:00:00.000Z'),
    ...report,
  });
  const { rows } = await store.stationReports.page(wholeTenant(tenantId), {
    ...plainQuery({ limit: 100, offset: 0, now: new Date() }),
    filters: [{ field: 'chargingStationId', values: [chargingStationId] }],
  });
  return rows.at(-1)?.[0] ?? '';
}

/** Configuration keys, all that a station told; answers their ids. */
export async function aConfiguration(
  store: Store,
  tenantId: string,
  chargingStationId: string,
  keys: Readonly<Record<string, string>>,
): Promise<string[]> {
  await aFetchedConfiguration(store, {
    tenantId,
    chargingStationId,
    keys: Object.entries(keys).map(([key, value]) => ({ key, value, isReadonly: false, needsReboot: false })),
    unknownKeys: [],
    isComplete: true,
    fetchedAt: new Date(),
  });
  const { rows } = await store.configurations.page(wholeTenant(tenantId), {
    ...plainQuery({ limit: 100, offset: 0, now: new Date() }),
    filters: [{ field: 'chargingStationId', values: [chargingStationId] }],
  });
  return rows.map(([id]) => id ?? '');
}

/** What a station told of its configuration, in answer to a command that had ended already. */
export async function aFetchedConfiguration(
  store: Store,
  configuration: FetchedConfiguration,
): Promise<void> {
  const { tenantId } = configuration;
  const id = newId();
  const end = { kind: 'answered', result: null, response: {} } as const;
  await store.commandDelivery.end({ tenantId, id, end, configuration, at: new Date(), node: 'test' });
}

/** A remote command that waits for its station; answers its id. */
export async function aRemoteCommand(
  store: Store,
  tenantId: string,
  chargingStationId: string,
  order: Partial<CommandOrder> = {},
): Promise<string> {
  const id = newId();
  await store.commandOrders({
    id,
    tenantId,
    chargingStationId,
    command: 'get_configuration',
    parameters: {},
    orderedAt: new Date(),
    timeoutSeconds: 120,
    isSynchronous: false,
    callerId: 'test',
    idempotency: undefined,
    node: 'test',
    freeConnectionId: undefined,
    ...order,
  });
  return id;
}

/** A file that a station uploaded for a command that was not sent before, over a connection of that moment; answers its id. */
export async function aStationFile(
  store: Store,
  tenantId: string,
  chargingStationId: string,
  file: { remoteCommandId: string; name?: string; content?: Buffer },
): Promise<string> {
  const { remoteCommandId: id, name = 'diagnostics.zip', content = Buffer.from('content') } = file;
  const command = { command: 'get_diagnostics', parameters: {} };
  const [connectionId, fileId, at] = [newId(), newId(), new Date()];
  const connection = { tenantId, chargingStationId, connectionId, at };
  await store.stationFacts.record({
    ...connection,
    kind: 'connection_opened',
    node: 'test',
    ocppVersion: '1.6',
  });
  const deadline = new Date(at.getTime() + 60_000);
  const upload = { tenantId, tokenHash: uploadTokenHash(fileId), fileId };
  const grant = { tokenHash: upload.tokenHash, expiresAt: deadline };
  await store.commandDelivery.claim({ ...command, ...connection, id, deadline, node: 'test', grant });
  await store.stationFacts.record({ ...connection, kind: 'connection_closed' });
  await store.stationUploads.begin(upload, at);
  await store.stationUploads.addPart(upload, 0, content);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const uploaded = { name, mediaType: 'application/zip', size: content.length, sha256 };
  await store.stationUploads.complete(upload, uploaded, at);
  return fileId;
}

/** A driver token. */
export async function aDriverToken(
  store: Store,
  tenantId: string,
  options: { value?: string; companyId?: string } = {},
): Promise<string> {
  const id = newId();
  await store.driverTokens.insert(tenantId, {
    id,
    value: options.value ?? `Token${next()}`,
    companyId: options.companyId,
    createdAt: new Date(),
  });
  return id;
}

/** A location. */
export async function aLocation(
  store: Store,
  tenantId: string,
  options: { name?: string; companyId?: string } = {},
): Promise<string> {
  const id = newId();
  await store.locations.insert(tenantId, {
    id,
    name: options.name ?? `Location ${next()}`,
    companyId: options.companyId,
    createdAt: new Date(),
  });
  return id;
}

/** A user, an owner unless said otherwise; signs in with the password if there is one. */
export async function aUser(
  store: Store,
  tenantId: string,
  options: {
    email?: string;
    firstName?: string;
    lastName?: string;
    role?: Role;
    company?: CompanyVisibility;
    isActive?: boolean;
    isTechnician?: boolean;
    password?: string;
  } = {},
): Promise<{ id: number; uuid: string; email: string }> {
  const { email = `user-${next()}@example.com`, company, password } = options;
  const uuid = newId();
  const id = await store.users.insert(tenantId, {
    uuid,
    email,
    firstName: options.firstName ?? 'First',
    lastName: options.lastName ?? 'Last',
    role: options.role ?? 'owner',
    binding: { company },
    isActive: options.isActive ?? true,
    isTechnician: options.isTechnician ?? false,
    passwordHash: password === undefined ? null : await hashedPassword(password),
    createdAt: new Date(),
  });
  return { id: Number(id), uuid, email };
}

export async function anApiClient(
  store: Store,
  tenantId: string,
  options: { scopes?: string[]; company?: CompanyVisibility } = {},
): Promise<{ clientId: string; clientSecret: string }> {
  const clientId = newClientId();
  const clientSecret = newSecret();
  await store.apiClients.insert({
    tenantId,
    clientId,
    name: `API client ${next()}`,
    secretHash: hashedSecret(clientSecret),
    scopes: options.scopes ?? [allRights],
    company: options.company,
    createdAt: new Date(),
  });
  return { clientId, clientSecret };
}

/** A webhook that is paused; answers its id. */
export async function aWebhook(store: Store, tenantId: string, company?: CompanyVisibility): Promise<string> {
  const id = newId();
  const now = new Date();
  await store.webhooks.insert(tenantId, {
    id,
    url: 'https://receiver.example/',
    state: 'paused',
    secretText: 'whsec_c2VjcmV0',
    callerId: 'nobody',
    company,
    position: await store.events.present(now),
    createdAt: now,
  });
  return id;
}

/** Fetches an access token as the quickstart does. */
export async function anAccessToken(
  origin: string,
  { clientId, clientSecret }: { clientId: string; clientSecret: string },
): Promise<string> {
  const query = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
  });
  const response = await fetch(`${origin}/token?${query.toString()}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  if (!response.ok) throw new Error(`no access token: ${response.status} ${await response.text()}`);
  const { access_token: accessToken } = (await response.json()) as { access_token: string };
  return accessToken;
}

/** An entry of the communication log: a call of the station, answered; answers its id. */
export async function aCommunication(
  store: Store,
  tenantId: string,
  chargingStationId: string,
  call: Partial<Omit<CallMade, 'kind'>> & { at?: Date } = {},
): Promise<string> {
  const connectionId = newId();
  void store.communicationWriter.add({
    tenantId,
    chargingStationId,
    connectionId,
    at: new Date(),
    kind: 'call',
    direction: 'from_station',
    action: 'Heartbeat',
    messageId: `message-${next()}`,
    payload: {},
    answer: { payload: { currentTime: '2026-11-25T12:00:00.000Z' } },
    latencyMs: 3,
    deviations: [],
    ...call,
  });
  await store.communicationWriter.flush();
  const { rows } = await store.communicationLog.page(wholeTenant(tenantId), {
    ...plainQuery({ limit: 1, offset: 0, now: new Date() }),
    from: { after: undefined },
    filters: [{ field: 'connectionId', values: [connectionId] }],
  });
  return rows[0]?.[0] ?? '';
}
