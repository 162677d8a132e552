import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CredentialsPlace, filePlace, secretPlace } from '../../cli/keys/credentials-place.ts';
import { addCredential, revokeCredential } from '../../lib/authentication/credential-changes.ts';
import { SecretsManager } from '../support/secrets-manager.ts';

const POLICY = { Statement: [] };
const owner = { name: 'ann', policy: POLICY };

/** Adds keys. Then it revokes them and adds others at the same time. Expects that only the others are left. */
async function contend(place: CredentialsPlace, rounds: number): Promise<void> {
  const added = [];
  for (let round = 0; round < rounds; round++) {
    added.push(await place.change((document) => addCredential(document, owner)));
  }
  const again = await Promise.all(
    added.map(async ({ created }) => {
      const [more] = await Promise.all([
        place.change((document) => addCredential(document, owner)),
        place.change((document) => ({ document: revokeCredential(document, created.accessKeyId) })),
      ]);
      return more.created.accessKeyId;
    }),
  );

  const left = (await place.read()).credentials.map(({ accessKeyId }) => accessKeyId);
  expect(left.toSorted()).toEqual(again.toSorted());
}

describe('credentials in a file', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'rivulet-credentials-'));
    file = path.join(folder, 'keys.json');
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('lose no change that is made beside another', async () => {
    await contend(filePlace(file), 6);
    expect(await readdir(folder)).toEqual(['keys.json']);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('stay as they are where a change cannot be made, and can be changed after that', async () => {
    const place = filePlace(file);
    await place.change((document) => addCredential(document, owner));
    const before = await place.read();

    await expect(place.change((document) => ({ document: revokeCredential(document, 'NONE') }))).rejects.toThrow(
      'there is no access key NONE',
    );
    const broken = { credentials: [{ ...owner, accessKeyId: 'x', secretAccessKey: 'y' }] };
    await expect(place.change(() => ({ document: broken }))).rejects.toThrow('accessKeyId must be a text');
    expect(await place.read()).toEqual(before);
    await place.change((document) => addCredential(document, owner));
  });

  it('wait for another change that is under way', async () => {
    const place = filePlace(file);
    await writeFile(`${file}.lock`, '');
    const changed = place.change((document) => addCredential(document, owner));
    await rm(`${file}.lock`);

    await changed;
    expect((await place.read()).credentials).toHaveLength(1);
  });
});

describe('credentials in a secret', () => {
  const SECRET = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:credentials';
  let manager: SecretsManager;
  let client: SecretsManagerClient;

  beforeAll(async () => {
    manager = await SecretsManager.start({ [SECRET]: '{"credentials":[]}' });
    client = new SecretsManagerClient({
      endpoint: manager.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  });

  afterAll(() => {
    client.destroy();
    manager.close();
  });

  it('lose no change that is made beside another, and leave no label behind', async () => {
    await contend(secretPlace(SECRET, client), 3);

    const stages = [...(manager.secrets.get(SECRET)?.values() ?? [])].flatMap((version) => [...version.stages]);
    expect(stages).toEqual(['AWSCURRENT']);
  });

  it('are given up on where others are always faster', async () => {
    const place = secretPlace(SECRET, client);
    manager.beforeMove = async () => {
      const versions = manager.secrets.get(SECRET);
      for (const { stages } of versions?.values() ?? []) {
        stages.delete('AWSCURRENT');
      }
      versions?.set(`faster-${versions.size}`, { text: '{"credentials":[]}', stages: new Set(['AWSCURRENT']) });
    };

    await expect(place.change((document) => addCredential(document, owner))).rejects.toThrow('nothing was changed');
    expect(manager.current(SECRET)).toBe('{"credentials":[]}');
  });
});
