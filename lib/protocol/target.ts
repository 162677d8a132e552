import type { WireRequest } from './wire-message.ts';

const SERVICE = 'Kinesis_20131202';

/** What the `X-Amz-Target` header names: `{service}.{operation}`; further parts are ignored. */
export interface Target {
  readonly service: string;
  readonly operation: string;
  readonly serviceKnown: boolean;
}

export function target(request: WireRequest): Target {
  const [service = '', operation = ''] = (request.headers['x-amz-target'] ?? '').split('.');
  return { service, operation, serviceKnown: service === SERVICE };
}
