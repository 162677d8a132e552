import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';

const ROOT = path.join(import.meta.dirname, '..', '..');
const dockerfile = readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8');

const { validate } = createRequire(import.meta.url)('dockerfile-utils') as {
  validate(content: string): { message: string }[];
};

/** The command of an instruction, in the form without a shell, as it runs here: the image has the package in /opt. */
function commandOf(instruction: RegExp): string[] {
  const line = dockerfile.split('\n').find((one) => instruction.test(one)) ?? '';
  const parts = JSON.parse(/(\[.*\])$/.exec(line)?.[1] ?? '[]') as string[];
  return parts.map((part) => (part === '/opt/rivulet/dist/rivulet.js' ? path.join(ROOT, 'cli', 'main.js') : part));
}

const start = [...commandOf(/^ENTRYPOINT /), ...commandOf(/^CMD /)];
const healthCheck = commandOf(/^HEALTHCHECK /);

describe('the container', () => {
  it('has a Dockerfile and a compose file without a fault', () => {
    expect(validate(dockerfile)).toEqual([]);
    const linted = spawnSync(
      process.execPath,
      [path.join(ROOT, 'node_modules', 'dclint', 'bin', 'dclint.cjs'), '--max-warnings', '0', 'compose.yaml'],
      { cwd: ROOT, encoding: 'utf8' },
    );
    expect((linted.stdout + linted.stderr).trim()).toBe('');
    expect(linted.status).toBe(0);
  });

  it('runs as a user of its own, and says how it is', () => {
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toMatch(/^HEALTHCHECK /m);
  });

  it('starts, is healthy and ends at once by the command lines of its image', async () => {
    const data = await mkdtemp(path.join(tmpdir(), 'rivulet-container-'));
    const [, ...parameters] = start;
    const server = spawn(process.execPath, parameters, {
      env: { PATH: process.env.PATH, DATA_DIR: data, HOST: '0.0.0.0', PORT: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise((resolve) => server.once('close', (code) => resolve(code)));
    const endpoint = await new Promise<string>((resolve) => {
      createInterface({ input: server.stdout }).on('line', (line) => {
        const [, url] = /^Rivulet answers at (\S+)/.exec(line) ?? [];
        if (url !== undefined) {
          resolve(url);
        }
      });
    });
    const [, ...checking] = healthCheck;
    const health = (at: string) =>
      spawnSync(process.execPath, checking, { env: { PATH: process.env.PATH, AWS_ENDPOINT_URL: at } }).status;
    expect(health(endpoint)).toBe(0);
    server.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(health(endpoint)).toBe(1);
    await rm(data, { recursive: true });
  });
});
