import type { StreamDescription } from '../kinesis.ts';

/** A setting of a stream that can be changed in place. */
export interface Setting {
  readonly name: string;
  readonly shown: string;
  /** What a field has at first. */
  readonly value: string;
  readonly inputMode: 'numeric' | 'text';
  /** Values and their words. Undefined: any value. */
  readonly choices?: readonly (readonly [string, string])[];
  /** The operation that sets a value, and its input. */
  readonly change: (value: string) => [operation: string, input: object];
}

/** The key that AWS keeps for each account. */
const OWN_KEY = 'alias/aws/kinesis';

export function settingsOf(stream: StreamDescription): Setting[] {
  const {
    StreamName,
    StreamARN,
    RetentionPeriodHours,
    EncryptionType = 'NONE',
    KeyId,
    MaxRecordSizeInKiB = 1_024,
  } = stream;
  const mode = stream.StreamModeDetails?.StreamMode ?? 'PROVISIONED';
  return [
    {
      name: 'Mode',
      shown: mode === 'ON_DEMAND' ? 'on-demand' : 'provisioned',
      value: mode,
      inputMode: 'text',
      choices: [
        ['PROVISIONED', 'provisioned'],
        ['ON_DEMAND', 'on-demand'],
      ],
      change: (StreamMode) => ['UpdateStreamMode', { StreamARN, StreamModeDetails: { StreamMode } }],
    },
    {
      name: 'Retention (hours)',
      shown: `${RetentionPeriodHours} h`,
      value: `${RetentionPeriodHours}`,
      inputMode: 'numeric',
      change: (hours) => [
        Number(hours) < RetentionPeriodHours ? 'DecreaseStreamRetentionPeriod' : 'IncreaseStreamRetentionPeriod',
        { StreamName, RetentionPeriodHours: Number(hours) },
      ],
    },
    {
      name: 'Largest record (KiB)',
      shown: `${MaxRecordSizeInKiB} KiB`,
      value: `${MaxRecordSizeInKiB}`,
      inputMode: 'numeric',
      change: (size) => ['UpdateMaxRecordSize', { StreamARN, MaxRecordSizeInKiB: Number(size) }],
    },
    {
      name: 'Encryption key',
      shown: EncryptionType === 'KMS' ? (KeyId ?? 'KMS') : 'none',
      value: EncryptionType === 'KMS' ? '' : OWN_KEY,
      inputMode: 'text',
      ...(EncryptionType === 'KMS' && {
        choices: [
          ['', KeyId ?? 'KMS'],
          ['off', 'none'],
        ],
      }),
      change: (key) =>
        EncryptionType === 'KMS'
          ? ['StopStreamEncryption', { StreamName, EncryptionType: 'KMS', KeyId }]
          : ['StartStreamEncryption', { StreamName, EncryptionType: 'KMS', KeyId: key }],
    },
  ];
}
