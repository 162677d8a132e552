import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** A handler that a function URL with response streaming calls. */
export type StreamingHandler = (
  event: APIGatewayProxyEventV2,
  responseStream: NodeJS.WritableStream,
  context: object,
) => Promise<void>;

/**
 * What a function finds in the Lambda runtime. Here, the response stream is the HTTP response to the client itself.
 */
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

/** Starts a stand-in for a function URL. @param toEvent converts a request to the event of the URL */
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
