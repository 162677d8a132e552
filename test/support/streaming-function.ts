import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** A handler as a function URL with response streaming calls it. */
export type StreamingHandler = (
  event: APIGatewayProxyEventV2,
  responseStream: NodeJS.WritableStream,
  context: object,
) => Promise<void>;

/** What a function finds in the Lambda runtime, whose response stream is here the very answer to the client. */
export const LAMBDA_RUNTIME = {
  streamifyResponse: (handler: StreamingHandler): StreamingHandler => handler,
  HttpResponseStream: {
    from(
      stream: http.ServerResponse,
      { statusCode, headers }: { statusCode: number; headers: Record<string, string> },
    ) {
      stream.writeHead(statusCode, headers);
      return stream;
    },
  },
};

/** Stands where a function URL stands. @param toEvent what the URL makes of a request */
export async function startFunctionUrl(
  handler: () => StreamingHandler,
  toEvent: (request: http.IncomingMessage, body: Buffer) => APIGatewayProxyEventV2,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    handler()(toEvent(request, Buffer.concat(chunks)), response, {}).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
