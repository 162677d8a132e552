import { X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Environment } from '../lib/configuration.ts';

/** A certificate and its key, in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

const LIFE_DAYS = 3_650;

/**
 * The certificate of the local port: that of `TLS_CERT` and `TLS_KEY`, or else one made for localhost and `HOST_NAMES`, which `DATA_DIR`
 * keeps for the next start.
 * @throws Error when only one of the two variables is set, or a file cannot be read
 */
export async function localCertificate(environment: Environment): Promise<Certificate> {
  const { TLS_CERT, TLS_KEY, DATA_DIR } = environment;
  const names = certifiedNames(environment);
  if (TLS_CERT !== undefined || TLS_KEY !== undefined) {
    if (TLS_CERT === undefined || TLS_KEY === undefined) {
      throw new Error('TLS_CERT and TLS_KEY must be set together');
    }
    return readCertificate(TLS_CERT, TLS_KEY);
  }
  if (DATA_DIR === undefined) {
    return newCertificate(names);
  }
  const certFile = path.join(DATA_DIR, 'certificate.pem');
  const keyFile = path.join(DATA_DIR, 'certificate-key.pem');
  try {
    const kept = await readCertificate(certFile, keyFile);
    if (covers(kept, names)) {
      return kept;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw error;
    }
  }
  const certificate = await newCertificate(names);
  await mkdir(DATA_DIR, { recursive: true });
  await writeFile(keyFile, certificate.key, { mode: 0o600 });
  await chmod(keyFile, 0o600);
  await writeFile(certFile, certificate.cert);
  return certificate;
}

async function readCertificate(certFile: string, keyFile: string): Promise<Certificate> {
  const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
  return { cert, key };
}

/** The names of this machine, and those that clients may sign for: they connect by them. */
const certifiedNames = ({ HOST_NAMES = '' }: Environment): string[] => [
  'localhost',
  ...HOST_NAMES.toLowerCase().split(',').filter(Boolean),
];

const covers = ({ cert }: Certificate, names: readonly string[]): boolean => {
  const certificate = new X509Certificate(cert);
  return names.every((name) => certificate.checkHost(name) !== undefined);
};

async function newCertificate(names: readonly string[]): Promise<Certificate> {
  // It takes longer to load than everything else together, and most clients use no TLS.
  const { generate } = await import('selfsigned');
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    algorithm: 'sha256',
    keyType: 'ec',
    notAfterDate: new Date(Date.now() + LIFE_DAYS * 86_400_000),
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          ...names.map((value) => ({ type: 2 as const, value })),
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  return { cert, key };
}
