// Authorize, OCPP 1.6 §4.1.

import type { CallContext, Outcome } from '../rpc/action.ts';
import { idTagInfoOf } from './id_tag_info.ts';
import type { IdTagInfo } from './id_tag_info.ts';

export type AuthorizeRequest = { readonly idTag: string };
export type AuthorizeResponse = { readonly idTagInfo: IdTagInfo };

export async function handleAuthorize(
  payload: AuthorizeRequest,
  context: CallContext,
): Promise<Outcome<AuthorizeResponse>> {
  const authorization = await context.authorizationOf(payload.idTag);
  return { facts: [], response: { idTagInfo: idTagInfoOf(authorization) } };
}
