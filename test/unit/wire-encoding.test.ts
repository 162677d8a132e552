import { describe, expect, it } from 'vitest';
import { getRecords } from '../../lib/operations/records/get-records.ts';
import { formatCbor, parseCbor } from '../../lib/protocol/cbor.ts';
import type { StructureSchema } from '../../lib/schema/structure.ts';
import { CBOR_ENCODING, JSON_ENCODING } from '../torture/wire-encoding.ts';

const input = {
  StreamName: 's',
  Timestamp: new Date(1_500),
  Records: [{ Data: Buffer.from('ab'), PartitionKey: 'k' }],
};

describe('an encoding of the torture', () => {
  it('writes bytes and times as JSON has them', () => {
    expect(JSON.parse(JSON_ENCODING.format(input) as string)).toEqual({
      StreamName: 's',
      Timestamp: 1.5,
      Records: [{ Data: 'YWI=', PartitionKey: 'k' }],
    });
  });

  it('writes bytes and times as CBOR has them', () => {
    expect(parseCbor(CBOR_ENCODING.format(input))).toEqual({
      StreamName: 's',
      Timestamp: 1_500,
      Records: [{ Data: Buffer.from('ab'), PartitionKey: 'k' }],
    });
  });

  it('reads the same answer either way', () => {
    const record = { SequenceNumber: '1', PartitionKey: 'k' };
    const json = { Records: [{ ...record, Data: 'YWI=', ApproximateArrivalTimestamp: 1.234 }], MillisBehindLatest: 0 };
    const answer = {
      Records: [{ ...record, Data: Buffer.from('ab'), ApproximateArrivalTimestamp: 1_234 }],
      MillisBehindLatest: 0,
    };
    const plain = ({ Records, ...rest }: { Records: { Data: Uint8Array }[] }) => ({
      ...rest,
      Records: Records.map(({ Data, ...members }) => ({ ...members, text: Buffer.from(Data).toString() })),
    });

    const cbor = Buffer.from(formatCbor(getRecords.output as StructureSchema, answer));
    expect(plain(CBOR_ENCODING.parse(cbor))).toEqual(plain(answer));
    expect(plain(JSON_ENCODING.parse(Buffer.from(JSON.stringify(json))))).toEqual(plain(answer));
  });
});
