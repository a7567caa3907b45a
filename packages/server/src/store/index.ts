// The door of the room: all that the rest of the house can ask of the database.

import type { PoolConfig } from 'pg';
import type { Logger } from 'pino';
import { analysedAsTheyGrow } from './analysed_tables.ts';
import { apiClientsIn } from './api_clients.ts';
import { awaitedNotifications, forgetAwaited } from './awaited_notifications.ts';
import { openBus } from './bus.ts';
import { chargingStationModelsIn } from './charging_station_models.ts';
import { chargingStationsIn } from './charging_stations.ts';
import { commandDeliveryOn } from './command_delivery.ts';
import { commandOrdersOn } from './command_orders.ts';
import { communicationLogIn, communicationLogPartitions } from './communication_log.ts';
import { communicationWriterOn } from './communication_writer.ts';
import { companiesIn } from './companies.ts';
import { configurationsIn } from './configurations.ts';
import { connectorLocksOn } from './connector_locks.ts';
import { connectorsIn } from './connectors.ts';
import { cursorKeyIn } from './cursor_key.ts';
import { openDatabase } from './database.ts';
import type { Session } from './database.ts';
import { driverAuthorizationsIn } from './driver_authorizations.ts';
import { driverTokensIn } from './driver_tokens.ts';
import { housekeepingIn } from './housekeeping.ts';
import { eventPartitions, eventsIn, goOnWithEvents } from './events.ts';
import { idempotentRequestsIn } from './idempotent_requests.ts';
import { importedLocationsIn } from './imported_locations.ts';
import { latestMeterValuesIn } from './latest_meter_values.ts';
import { locationsIn } from './locations.ts';
import { maintenanceMoments } from './maintenance_moments.ts';
import { maintenanceWindowsIn } from './maintenance_windows.ts';
import { meterValuePartitions, meterValuesIn } from './meter_values.ts';
import { migrate } from './migrate.ts';
import { ocppPasswordsIn } from './ocpp_passwords.ts';
import { refusedStationsIn } from './refused_stations.ts';
import { forgetCommands, remoteCommandsIn } from './remote_commands.ts';
import { serverProcessesIn } from './server_processes.ts';
import { signingKeysIn } from './signing_keys.ts';
import { sessionsIn } from './sessions.ts';
import { stationAccessIn } from './station_access.ts';
import { stationErrorsIn } from './station_errors.ts';
import { stationFactsIn } from './station_facts.ts';
import { stationFilesIn } from './station_files.ts';
import { takeOffer } from './station_offers.ts';
import { stationReportsIn } from './station_reports.ts';
import { forgetUploads, stationUploadsOn } from './station_uploads.ts';
import { tenantsIn } from './tenants.ts';
import type { PartitionedTable } from './time_partitions.ts';
import { endLeftTransactions } from './transaction_stops.ts';
import { transactionsIn } from './transactions.ts';
import { usersIn } from './users.ts';
import { writtenTogether } from './written_together.ts';
import { waitingChargingStationsIn } from './waiting_charging_stations.ts';
import { webhookDeliveriesIn } from './webhook_deliveries.ts';
import { webhooksIn } from './webhooks.ts';

export { apiClientFields } from './api_clients.ts';
export type { ApiClientField } from './api_clients.ts';
export type { Bus } from './bus.ts';
export { chargingStationModelFields } from './charging_station_models.ts';
export { chargingStationFields, volatileChargingStationFields } from './charging_stations.ts';
export type { ChargingStationField } from './charging_stations.ts';
export { topicOfEnds } from './command_ends.ts';
export type { PendingCommand } from './command_delivery.ts';
export { topicOfOrders } from './command_orders.ts';
export type { AddedCommand } from './command_orders.ts';
export { communicationLogFields } from './communication_log.ts';
export type { CommunicationLogField } from './communication_log.ts';
export { companyFields } from './companies.ts';
export type { FetchedConfiguration } from './configurations.ts';
export { configurationFields } from './configurations.ts';
export type { ConfigurationField } from './configurations.ts';
export { connectorFields } from './connectors.ts';
export { driverTokenFields } from './driver_tokens.ts';
export type { DriverTokenField } from './driver_tokens.ts';
export { openEmbeddedPostgres } from './embedded/index.ts';
export { StartError } from './embedded/start_error.ts';
export { eventsTopic, isBefore } from './events.ts';
export type { EventPosition, StoredEvent } from './events.ts';
export type { IdempotencyKey } from './idempotent_requests.ts';
export type { ImportOutcome } from './import_plan.ts';
export type { ImportedAs } from './imported_tables.ts';
export { instantOf } from './instant_text.ts';
export { latestMeterValueFields } from './latest_meter_values.ts';
export type { LatestMeterValueField } from './latest_meter_values.ts';
export { locationFields } from './locations.ts';
export type { LocationField } from './locations.ts';
export { maintenanceWindowFields } from './maintenance_windows.ts';
export type { MaintenanceWindowField } from './maintenance_windows.ts';
export { meterValueFields } from './meter_values.ts';
export type { MeterValueField } from './meter_values.ts';
export { migrate } from './migrate.ts';
export { ocppPasswordFields } from './ocpp_passwords.ts';
export type { OcppPasswordField } from './ocpp_passwords.ts';
export type { KeptRow, Outline, OutlinedRow } from './outlines.ts';
export { remoteCommandFields } from './remote_commands.ts';
export type { RemoteCommandField } from './remote_commands.ts';
export { plainQuery } from './resource_list.ts';
export type { ListQuery, RowPlace, Selection } from './resource_list.ts';
export type { Page, Row } from './resource_rows.ts';
export { takeServerLock } from './server_lock.ts';
export type { SigningKeyRow } from './signing_keys.ts';
export { stationErrorFields } from './station_errors.ts';
export type { StationErrorField } from './station_errors.ts';
export { stationFileFields } from './station_files.ts';
export type { StationFileField } from './station_files.ts';
export { stationReportFields } from './station_reports.ts';
export type { StationReportField } from './station_reports.ts';
export type { StationUploads, Upload } from './station_uploads.ts';
export { tenantFields } from './tenants.ts';
export type { TenantField } from './tenants.ts';
export { transactionFields } from './transactions.ts';
export type { TransactionField } from './transactions.ts';
export { userFields } from './users.ts';
export type { UserField } from './users.ts';
export { waitingChargingStationFields } from './waiting_charging_stations.ts';
export type { WaitingChargingStationField } from './waiting_charging_stations.ts';
export type { WaitingDelivery } from './webhook_deliveries.ts';
export { webhookLeaseMs } from './webhook_leases.ts';
export type { LeasedWebhook } from './webhook_leases.ts';
export type { Parked, Progress } from './webhook_progress.ts';
export { webhookFields } from './webhooks.ts';
export type { WebhookField } from './webhooks.ts';

/** The tables, on a connection each or within one transaction. */
export type Tables = ReturnType<typeof tablesOn>;
export type Store = Awaited<ReturnType<typeof openStore>>;

/** The tables that are partitioned by time. */
const partitionedTables: readonly PartitionedTable[] = [
  communicationLogPartitions,
  eventPartitions,
  meterValuePartitions,
];

function tablesOn(session: Session) {
  return {
    apiClients: apiClientsIn(session),
    chargingStationModels: chargingStationModelsIn(session),
    chargingStations: chargingStationsIn(session),
    communicationLog: communicationLogIn(session),
    companies: companiesIn(session),
    configurations: configurationsIn(session),
    connectors: connectorsIn(session),
    cursorKey: cursorKeyIn(session),
    driverTokens: driverTokensIn(session),
    events: eventsIn(session),
    idempotentRequests: idempotentRequestsIn(session),
    importedLocations: importedLocationsIn(session),
    latestMeterValues: latestMeterValuesIn(session),
    locations: locationsIn(session),
    maintenanceWindows: maintenanceWindowsIn(session),
    meterValues: meterValuesIn(session),
    ocppPasswords: ocppPasswordsIn(session),
    remoteCommands: remoteCommandsIn(session),
    sessions: sessionsIn(session),
    signingKeys: signingKeysIn(session),
    stationErrors: stationErrorsIn(session),
    stationFiles: stationFilesIn(session),
    stationReports: stationReportsIn(session),
    tenants: tenantsIn(session),
    transactions: transactionsIn(session),
    users: usersIn(session),
    waitingChargingStations: waitingChargingStationsIn(session),
    webhooks: webhooksIn(session),
  };
}

/**
 * Opens the store on a database whose schema is brought up to date first.
 *
 * @throws {Error} in a sentence, when the database cannot be reached or its schema is newer
 */
export async function openStore(options: {
  connection: PoolConfig;
  log: Logger;
  newId: () => string;
  maxConnections: number;
}) {
  await migrate(options.connection);
  const { log, newId } = options;
  const database = openDatabase(options);
  await goOnWithEvents(database);
  const awaited = awaitedNotifications();
  const stationFacts = stationFactsIn(database, { newId, log, awaited });
  const writesOf = writtenTogether(database, {
    most: 300,
    written: analysedAsTheyGrow(database, ['remote_commands'], log),
  });
  // First: it takes locks, which come before those of rows.
  const commandOrders = commandOrdersOn(writesOf, { awaited });
  const communicationWriter = communicationWriterOn(database, { newId, log });
  const refusedStations = refusedStationsIn(database, { newId, log });
  return {
    ...tablesOn(database),
    connectorLocks: connectorLocksOn(database, { newId }),
    commandOrders,
    commandDelivery: commandDeliveryOn(database, { writesOf, newId, awaited }),
    communicationWriter,
    stationFacts,
    driverAuthorization: driverAuthorizationsIn(database),
    /** Tells of the maintenance windows that have begun or ended, of each once. */
    maintenanceMoments: (now: Date) => maintenanceMoments(database, now),
    webhookDeliveries: webhookDeliveriesIn(database),
    forgetCommands: (now: Date) => forgetCommands(database, now),
    endLeftTransactions: (now: Date) => endLeftTransactions(database, now),
    stationUploads: stationUploadsOn(database),
    forgetUploads: (now: Date) => forgetUploads(database, now),
    forgetAwaited: (now: Date) => forgetAwaited(database, now),
    refusedStations,
    takeOffer: (taken: Parameters<typeof takeOffer>[1]) => takeOffer(database, taken),
    serverProcesses: serverProcessesIn(database),
    /** Answers what is known of a station at the door; undefined where there is no such tenant. */
    findStationAccess: stationAccessIn(database),
    /** Runs work in one transaction, durable when it resolves; rolled back when the work throws. */
    inTransaction: <T>(work: (tables: Tables) => Promise<T>): Promise<T> =>
      database.inTransaction((session) => work(tablesOn(session))),
    /** Listens as the process of that name to what processes tell each other. */
    joinBus: (node: string) => openBus({ connection: options.connection, node, log }),
    housekeeping: housekeepingIn(options.connection, { tables: partitionedTables, log }),
    isReachable: () => database.isReachable(),
    async close(): Promise<void> {
      try {
        await stationFacts.close();
        await communicationWriter.close();
        await refusedStations.write();
      } finally {
        await database.close();
      }
    },
  };
}
