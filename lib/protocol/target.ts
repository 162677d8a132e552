import type { WireRequest } from './wire-message.ts';

const SERVICE = 'Kinesis_20131202';

/** The parsed `X-Amz-Target` header: `{service}.{operation}`. Further parts are ignored. */
export interface Target {
  readonly service: string;
  readonly operation: string;
  readonly serviceKnown: boolean;
}

export function target(request: WireRequest): Target {
  const [service = '', operation = ''] = (request.headers['x-amz-target'] ?? '').split('.');
  return { service, operation, serviceKnown: service === SERVICE };
}
