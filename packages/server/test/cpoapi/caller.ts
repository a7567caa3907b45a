// An API client that asks the CPO API of a file's server, and what a refusal must be.

import { errorCodes } from '@chargeyard/contract/error_codes';
import type { ErrorCode } from '@chargeyard/contract/error_codes';
import { ErrorDocument } from '@chargeyard/contract/json_api';
import { Check } from 'typebox/value';
import { expect } from 'vitest';
import type { CompanyVisibility } from '../../src/domain/index.ts';
import { aChargingStation, aTenant, anAccessToken, anApiClient } from '../builders.ts';
import type { Answer, TestApp } from '../test_app.ts';

/** Sends a request. A body that is no text is sent as JSON, as `application/json` unless the headers say otherwise. */
export type Caller = (
  method: string,
  at: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer>;

export const base = '/api/cpoapi/v1';

/** A caller with an API client of its own. `at` is below `/api/cpoapi/v1`, or an absolute URL of the server. */
export async function aCaller(
  app: TestApp,
  tenantId: string,
  options: { scopes?: string[]; company?: CompanyVisibility } = {},
): Promise<Caller> {
  return callerWith(app, await anAccessToken(app.origin, await anApiClient(app.store, tenantId, options)));
}

export function callerWith(app: TestApp, authorization: string): Caller {
  return (method, at, body, headers = {}) =>
    app.ask(at.startsWith(app.origin) ? at.slice(app.origin.length) : base + at, {
      method,
      headers: {
        authorization,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
}

export type WantedFault = {
  code: ErrorCode;
  detail?: string;
  source?: { pointer: string } | { parameter: string } | { header: string };
};

/** Checks that an answer is a refusal with just these faults, in this order. */
export function expectRefused(answer: Answer, ...faults: readonly [WantedFault, ...WantedFault[]]): void {
  const { status } = errorCodes[faults[0].code];
  const requestId = String(answer.headers['x-request-id']);
  expect({ status: answer.status, body: answer.json() }).toEqual({
    status,
    body: {
      errors: faults.map(({ code, detail, source }, number) => ({
        id: faults.length === 1 ? requestId : `${requestId}/${number + 1}`,
        status: String(status),
        code,
        title: errorCodes[code].title,
        detail: detail ?? expect.stringMatching(/^[A-Z].*\.$/s),
        ...(source === undefined ? {} : { source }),
      })),
    },
  });
  expect(Check(ErrorDocument, answer.json())).toBe(true);
}

const invalidAt = (pointer: string) => ({ code: 'invalid_value', source: { pointer } }) as const;

/** Checks that an answer is a refusal of values, with a fault at each of these places, whatever their order. */
export function expectFaultsAt(answer: Answer, pointers: readonly string[]): void {
  const document = answer.json<{ errors: { code: string; source?: { pointer: string } }[] }>();
  const found = document.errors?.map(({ code, source }) => source?.pointer ?? code) ?? [];
  expect({ status: answer.status, pointers: found.toSorted() }).toEqual({
    status: 422,
    pointers: pointers.toSorted(),
  });
  const [first = '', ...others] = found;
  expectRefused(answer, invalidAt(first), ...others.map(invalidAt));
}

/** The ids of a page, in its order. */
export const idsIn = ({ data }: Pick<List, 'data'>) => data.map(({ id }) => id);
export const idsOf = (answer: Answer) => idsIn(answer.json<List>());

/** A tenant with a charging station, and one who asks for all of it. */
export async function aStationWithCaller(app: TestApp) {
  const { id: tenantId, slug } = await aTenant(app.store);
  const { id: stationId, identity } = await aChargingStation(app.store, tenantId);
  return { tenantId, slug, stationId, identity, ask: await aCaller(app, tenantId) };
}

export type ResourceObject = { type: string; id: string; attributes: Record<string, unknown> };
export type Single = { data: ResourceObject; links: { self: string } };
export type List = {
  data: ResourceObject[];
  meta: { pagination: Record<string, unknown> };
  links: { next?: string } & Record<string, string>;
};
