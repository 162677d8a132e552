import { createHash } from 'node:crypto';
import { PbfWriter } from 'pbf';

/** A record as the Kinesis Producer Library packs it. */
export function aggregate(records: readonly { key: string; data: string | Uint8Array }[]): Buffer {
  const message = new PbfWriter();
  for (const { key } of records) {
    message.writeBytesField(1, Buffer.from(key));
  }
  records.forEach(({ data }, index) => {
    message.writeMessage(
      3,
      (bytes: Uint8Array, writer: PbfWriter) => {
        writer.writeVarintField(1, index);
        writer.writeBytesField(3, bytes);
      },
      Buffer.from(data),
    );
  });
  const bytes = message.finish();
  return Buffer.concat([Buffer.from('f3899ac2', 'hex'), bytes, createHash('md5').update(bytes).digest()]);
}
