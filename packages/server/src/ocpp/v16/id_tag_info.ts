// IdTagInfo, OCPP 1.6 §7.27: what stations are told of a driver.

import type { DriverAuthorization } from '../../domain/index.ts';

export type IdTagInfo = {
  readonly status: DriverAuthorization['status'];
  readonly expiryDate?: string;
  readonly parentIdTag?: string;
};

const idTagLimit = 20; // characters, CiString20Type

export function idTagInfoOf({ status, expiresAt, parentValue }: DriverAuthorization): IdTagInfo {
  return {
    status,
    ...(expiresAt === undefined ? {} : { expiryDate: expiresAt.toISOString() }),
    ...(parentValue === undefined || parentValue.length > idTagLimit ? {} : { parentIdTag: parentValue }),
  };
}
