import http from 'node:http';

/**
 * A server that shows what HTTP in Node costs by itself. It reads each request, parses its JSON, and returns just
 * enough for every call of the bench. No server on these cores and this runtime is faster.
 */
const ANSWER = JSON.stringify({
  ShardId: 'shardId-000000000000',
  SequenceNumber: '49500000000000000000000000000000000000000000000000000000',
  StreamDescriptionSummary: { StreamStatus: 'ACTIVE' },
  Shards: [{ ShardId: 'shardId-000000000000' }],
  ShardIterator: 'iterator',
});
const HEADERS = { 'content-type': 'application/x-amz-json-1.1', 'content-length': Buffer.byteLength(ANSWER) };

http
  .createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      JSON.parse(Buffer.concat(chunks).toString());
      response.writeHead(200, HEADERS).end(ANSWER);
    });
  })
  .listen(Number(process.env.PORT), '127.0.0.1');
