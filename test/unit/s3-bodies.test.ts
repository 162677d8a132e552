import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyBucket } from '../../functions/empty-bucket.ts';
import { openS3Bodies } from '../../lib/store/s3-bodies.ts';
import { S3_KEY, S3Server } from '../support/s3-server.ts';

/** What S3 answers when a session of a directory bucket is created. */
const SESSION = `<?xml version="1.0" encoding="UTF-8"?>
<CreateSessionResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Credentials><SessionToken>session-token</SessionToken>
<SecretAccessKey>session-secret</SecretAccessKey><AccessKeyId>SESSIONKEY</AccessKeyId><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></CreateSessionResult>`;

describe('bodies in a directory bucket', () => {
  const requests: http.IncomingMessage[] = [];
  let server: http.Server;
  let endpoint: string;

  beforeAll(async () => {
    server = http.createServer((request, response) => {
      requests.push(request);
      request.resume();
      request.on('end', () => response.end(request.url?.includes('session') ? SESSION : ''));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  // Nothing that runs here serves directory buckets: these are the calls that the SDK makes, and no more.
  it('are put in a session, which is made once', async () => {
    const bodies = openS3Bodies(
      { account: { accountId: '000000000000', region: 'us-east-1' }, s3Endpoint: endpoint },
      { bucket: 'rivulet--use1-az4--x-s3', aboveBytes: 1 },
      S3_KEY,
    );
    await bodies.put('2d/a/b/c', Buffer.from('body'));
    await bodies.put('2d/a/b/d', Buffer.from('body'));
    await bodies.close();

    const [session, ...puts] = requests;
    expect(session?.url).toMatch(/^\/rivulet--use1-az4--x-s3\/*\?session/);
    expect(puts.map(({ method, url }) => [method, url?.replace(/\?.*/, '').replace('//', '/')])).toEqual([
      ['PUT', '/rivulet--use1-az4--x-s3/2d/a/b/c'],
      ['PUT', '/rivulet--use1-az4--x-s3/2d/a/b/d'],
    ]);
    for (const put of puts) {
      expect(put.headers['x-amz-s3session-token']).toBe('session-token');
      expect(put.headers.authorization).toContain('Credential=SESSIONKEY/');
    }
  });
});

describe('the bucket of a sandbox', () => {
  it('is emptied before it is deleted, page by page, or tells that it is not empty yet', async () => {
    const server = await S3Server.start();
    const s3 = new S3Client({
      endpoint: server.endpoint,
      forcePathStyle: true,
      region: 'us-east-1',
      credentials: S3_KEY,
    });
    for (let number = 0; number < 5; number++) {
      await s3.send(new PutObjectCommand({ Bucket: 'bodies', Key: `2d/a/${number}`, Body: 'body' }));
    }

    await expect(emptyBucket(s3, 'bodies', () => 1_000)).rejects.toThrow('delete the stack again');
    await emptyBucket(s3, 'bodies', () => 60_000);
    await emptyBucket(s3, 'bodies', () => 60_000);

    const left = await openS3Bodies(
      { account: { accountId: '000000000000', region: 'us-east-1' }, s3Endpoint: server.endpoint },
      { bucket: 'bodies', aboveBytes: 1 },
      S3_KEY,
    ).get('2d/a/0');
    expect(left).toBeUndefined();
    s3.destroy();
    await server.close();
  });
});
