import http from 'node:http';
import type { AddressInfo } from 'node:net';

interface Version {
  readonly text: string;
  readonly stages: Set<string>;
}

/** A stand-in for Secrets Manager. Secrets have versions, and labels move only as its API reference says. */
export class SecretsManager {
  readonly #server = http.createServer((request, response) => this.#answer(request, response));
  /** The versions, by secret and by version id. */
  readonly secrets = new Map<string, Map<string, Version>>();
  /** Called before each label is moved. */
  beforeMove: () => Promise<void> = async () => {};

  static async start(texts: Readonly<Record<string, string>>): Promise<SecretsManager> {
    const manager = new SecretsManager();
    for (const [id, text] of Object.entries(texts)) {
      manager.secrets.set(id, new Map([['first', { text, stages: new Set(['AWSCURRENT']) }]]));
    }
    await new Promise<void>((resolve) => manager.#server.listen(0, '127.0.0.1', () => resolve()));
    return manager;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  current(id: string): string {
    return this.#with(id, 'AWSCURRENT')?.[1].text ?? '';
  }

  #with(id: string, stage: string): [string, Version] | undefined {
    return [...(this.secrets.get(id) ?? [])].find(([, { stages }]) => stages.has(stage));
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    const action = String(request.headers['x-amz-target']).replace('secretsmanager.', '');
    const output = await this.#carryOut(action, JSON.parse(Buffer.concat(chunks).toString()));
    response.statusCode = output === undefined ? 400 : 200;
    response.setHeader('Content-Type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify(output ?? { __type: 'InvalidParameterException', Message: 'the label is elsewhere' }));
  }

  async #carryOut(action: string, input: Record<string, string>): Promise<object | undefined> {
    const { SecretId = '', SecretString: text = '', ClientRequestToken = '' } = input;
    const versions = this.secrets.get(SecretId) ?? new Map<string, Version>();
    if (action === 'GetSecretValue') {
      const [VersionId, version] = this.#with(SecretId, 'AWSCURRENT') ?? [];
      return { VersionId, SecretString: version?.text };
    }
    if (action === 'PutSecretValue') {
      const stages = new Set(input.VersionStages as unknown as string[]);
      versions.set(ClientRequestToken, { text, stages });
      return { VersionId: ClientRequestToken };
    }
    await this.beforeMove();
    const { VersionStage = '', MoveToVersionId, RemoveFromVersionId } = input;
    const [holder, version] = this.#with(SecretId, VersionStage) ?? [];
    if (holder !== RemoveFromVersionId) {
      return undefined;
    }
    version?.stages.delete(VersionStage);
    versions.get(MoveToVersionId ?? '')?.stages.add(VersionStage);
    return {};
  }
}
