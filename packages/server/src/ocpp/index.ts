// The door of the room: the gateway for charging stations. Turns what a station says over OCPP into facts of the
// domain. Knows neither the store nor HTTP resources: what it needs is handed in.

export { bootAdmission } from './boot_admission.ts';
export { createOcppGateway } from './gateway.ts';
export type { OcppGateway, OcppGatewayDeps } from './gateway.ts';
