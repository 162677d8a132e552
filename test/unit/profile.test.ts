import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withValues } from '../../cli/keys/profile.ts';
import { runCommand } from '../support/command-line.ts';

describe('a section of an INI file', () => {
  it('is appended after what is there', () => {
    expect(withValues('[default]\nregion = eu-west-1', 'profile mine', { region: 'us-east-1' })).toBe(
      '[default]\nregion = eu-west-1\n\n[profile mine]\nregion = us-east-1\n',
    );
    expect(withValues('', 'mine', { a: '1' })).toBe('[mine]\na = 1\n');
  });

  it('gets new values where it has them, and keeps everything else: comments, other members, other sections', () => {
    const text = '# mine\n[ profile  mine ]\nregion=eu-west-1\noutput = json\n\n[profile other]\nregion = here\n';

    expect(withValues(text, 'profile mine', { region: 'us-east-1' })).toBe(
      '# mine\n[ profile  mine ]\nregion = us-east-1\noutput = json\n\n[profile other]\nregion = here\n',
    );
  });
});

describe('rivulet keys add', () => {
  let home: string;

  beforeEach(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'rivulet-keys-'));
  });

  afterEach(() => rm(home, { recursive: true }));

  const add = (...more: string[]) =>
    runCommand(['keys', 'add', '--name', 'me', '--full-access', '--file', path.join(home, 'keys.json'), ...more], {
      HOME: home,
      USERPROFILE: home,
    });

  it('writes a profile that only its owner can read, with the endpoint', async () => {
    const { code, output } = await add();

    expect(code).toBe(0);
    expect(output).toContain('rivulet streams --profile rivulet');
    const credentials = path.join(home, '.aws', 'credentials');
    const text = await readFile(credentials, 'utf8');
    expect(text).toMatch(/^\[rivulet\]\naws_access_key_id = \w+\naws_secret_access_key = \S+\n$/);
    // The secret is nowhere else.
    const [, secret = ''] = /aws_secret_access_key = (\S+)/.exec(text) ?? [];
    expect(output).not.toContain(secret);
    expect((await stat(credentials)).mode & 0o777).toBe(0o600);
    expect(await readFile(path.join(home, '.aws', 'config'), 'utf8')).toBe(
      '[profile rivulet]\nregion = us-east-1\nendpoint_url = http://localhost:4567\n',
    );
  });

  it('changes no profile that exists, and makes no key then, unless it is told to', async () => {
    await add();
    const keys = await readFile(path.join(home, 'keys.json'), 'utf8');
    const again = await add();

    expect(again).toMatchObject({ code: 2 });
    expect(again.errors).toContain('the profile rivulet exists');
    expect(await readFile(path.join(home, 'keys.json'), 'utf8')).toBe(keys);
    expect((await add('--overwrite')).code).toBe(0);
    expect((await add('--profile', 'other')).code).toBe(0);
  });

  it('prints lines for a shell where that is asked for, and needs an endpoint otherwise', async () => {
    expect((await add('--print')).output).toMatch(/^export AWS_ACCESS_KEY_ID=\w+\nexport AWS_SECRET_ACCESS_KEY=\S+\n$/);
    const ofSecret = await runCommand(['keys', 'add', '--name', 'me', '--full-access', '--secret', 'x'], {
      HOME: home,
    });
    expect(ofSecret.errors).toContain('--endpoint is missing');
    await writeFile(path.join(home, 'policy.json'), '{"Statement":[]} ');
    expect((await add('--policy', path.join(home, 'policy.json'))).errors).toContain(
      'either --policy <file> or --full-access',
    );
  });
});
