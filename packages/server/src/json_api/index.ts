// The door of the room: what an API of JSON:API resources is made of. Resources themselves are in the rooms of their APIs.

export { declaredValues, nestsTooDeeply } from './declared_values.ts';
export type { DeclaredValues } from './declared_values.ts';
export { bodyReader, isObject } from './body.ts';
export { idempotencyKeyOf, notKept, requestHashOf } from './create_method.ts';
export type { Fault } from './errors.ts';
export { answerError, errorDocument, invalidToken, refused } from './errors.ts';
export { listMethod, pageAnswer } from './list_method.ts';
export { defaultLimit, offsetPage, paginationOf } from './offset_pages.ts';
export { descriptionPath } from './openapi.ts';
export { performRoute } from './perform_method.ts';
export type { Performance } from './perform_method.ts';
export { queryParameters } from './parameters.ts';
export { requestCounter } from './rate_limit.ts';
export type { CountRequest, RateLimit } from './rate_limit.ts';
export { registerResources } from './register.ts';
export { registryOf, requireVisible, seenByOthers } from './registry.ts';
export type { Referable } from './registry.ts';
export { documentOf, getRow, writersOf } from './resource.ts';
export type {
  IntendedWrite,
  Resource,
  ResourceDeps,
  SingleResource,
  Values,
  Within,
  Write,
} from './resource.ts';
export { resourceRoutes } from './resource_routes.ts';
export { refuseOtherMethods } from './routes.ts';
export type { Asked, Method, OpenMethod, OpenlyAsked, Route } from './routes.ts';
export type { StreamAsked, StreamRoute } from './stream_routes.ts';
export { goneOrChanged, singleMethods, versionToChange } from './single_methods.ts';
export { instantFrom, isIdOf } from './value_forms.ts';
export { pointing, throwFaults } from './written_values.ts';
