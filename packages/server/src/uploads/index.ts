// The door of the room: takes the files that charging stations upload.

export { uploadEndpoint } from './upload_endpoint.ts';
