// The door of the room: brings orders to the process that holds the station's connection, and tells when they have ended.

export { createRemoteCommands } from './remote_commands.ts';
export type { RemoteCommands, Stations } from './remote_commands.ts';
