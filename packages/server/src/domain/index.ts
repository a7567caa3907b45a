// The door of the room: what things are and which changes are allowed. Pure functions and types.

export * from './api_client.ts';
export * from './charging_station.ts';
export * from './command_notification.ts';
export * from './communication.ts';
export * from './configuration.ts';
export * from './driver_authorization.ts';
export * from './errors.ts';
export * from './imported_location.ts';
export * from './maintenance_window.ts';
export * from './meter_value.ts';
export * from './password.ts';
export * from './principal.ts';
export * from './remote_command.ts';
export * from './role.ts';
export * from './secret.ts';
export * from './session.ts';
export * from './station_access.ts';
export * from './station_certificate.ts';
export * from './station_error.ts';
export * from './station_fact.ts';
export * from './station_offer.ts';
export * from './station_report.ts';
export * from './station_upload.ts';
export * from './tenant.ts';
export * from './user.ts';
export * from './visibility.ts';
