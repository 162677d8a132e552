import { ImitatedFailure, KinesisFault } from '../faults.ts';
import { authorizationProblem } from './authorization.ts';
import type { Target } from './target.ts';
import type { WireRequest } from './wire-message.ts';

/**
 * The fault for a request that is not a Kinesis call: its method is not POST, or its content type is unknown. The
 * fault is written in XML. The order of the checks is the one that kinesalite recorded from the real service.
 */
export function notACall(request: WireRequest, called: Target, operationKnown: boolean): KinesisFault {
  const problem = authorizationProblem(request);
  if (problem !== undefined) {
    return new KinesisFault(problem.code, problem.sentence, 'xml', 403);
  }
  if (!called.serviceKnown && called.service !== '' && operationKnown) {
    const sentence = `No authorization strategy was found for service: ${called.service}, operation: ${called.operation}`;
    return new KinesisFault('UnrecognizedClientException', sentence, 'xml', 403);
  }
  if (called.serviceKnown && operationKnown) {
    return new KinesisFault('UnknownOperationException', undefined, 'xml', 404);
  }
  if (called.serviceKnown && called.operation !== '') {
    return new ImitatedFailure('xml');
  }
  if (request.method === 'POST' && called.service !== '' && called.operation !== '') {
    return new KinesisFault('UnknownOperationException', undefined, 'xml', 404);
  }
  const sentence = 'Unable to determine service/operation name to be authorized';
  return new KinesisFault('AccessDeniedException', sentence, 'xml', 403);
}
