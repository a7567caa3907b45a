// The library's door: simulated charging stations that speak OCPP 1.6J. Imports nothing of the server.

export { startFleet } from './simulated_fleet.ts';
export type { FleetOptions, FleetState, SimulatedFleet } from './simulated_fleet.ts';
export { startStation } from './simulated_station.ts';
export type { SimulatedStation, StationOptions } from './simulated_station.ts';
export type { ConnectorStatus } from './connectors.ts';
export type { StationEvent } from './station_event.ts';
export { driverTokensOf, simulatedStationIdentity } from './station_identity.ts';
export type { StationIdentity } from './station_identity.ts';
