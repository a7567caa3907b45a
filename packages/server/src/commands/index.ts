// The door of the room: brings orders to the process that holds the station's connection, and tells when they have ended.

export { keepConnectorsLocked } from './locked_connectors.ts';
export { createRemoteCommands } from './remote_commands.ts';
export type { RemoteCommands } from './remote_commands.ts';
