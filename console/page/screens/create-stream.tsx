import { useState } from 'preact/hooks';
import { call } from '../api.ts';
import type { StreamMode } from '../kinesis.ts';
import { Dialog } from '../parts/dialog.tsx';
import { DialogActions } from '../parts/dialog-actions.tsx';
import { ErrorNotice } from '../parts/notice.tsx';
import { useAction } from '../use.ts';

/** Creates a stream. */
export function CreateStream({ onClose, onCreated }: { onClose: () => void; onCreated: (name: string) => void }) {
  const [name, setName] = useState('');
  const [mode, setMode] = useState<StreamMode>('PROVISIONED');
  const [shards, setShards] = useState('1');
  const { isBusy, error, run } = useAction();
  const create = (event: Event) => {
    event.preventDefault();
    run(async () => {
      await call('CreateStream', {
        StreamName: name,
        StreamModeDetails: { StreamMode: mode },
        ...(mode === 'PROVISIONED' && { ShardCount: Number(shards) }),
      });
      onCreated(name);
    });
  };
  return (
    <Dialog title="Create stream" onClose={onClose}>
      <form onSubmit={create}>
        <label>
          Name
          <input
            required
            pattern="[a-zA-Z0-9_.\-]+"
            maxLength={128}
            title="Letters, digits, _ . and -"
            value={name}
            onInput={(event: Event) => setName((event.target as HTMLInputElement).value)}
          />
        </label>
        <label>
          Mode
          <select
            value={mode}
            onChange={(event: Event) => setMode((event.target as HTMLSelectElement).value as StreamMode)}
          >
            <option value="PROVISIONED">provisioned: a number of shards</option>
            <option value="ON_DEMAND">on-demand: shards as needed</option>
          </select>
        </label>
        {mode === 'PROVISIONED' && (
          <label>
            Shards
            <input
              type="number"
              required
              min="1"
              value={shards}
              onInput={(event: Event) => setShards((event.target as HTMLInputElement).value)}
            />
          </label>
        )}
        {error && <ErrorNotice error={error} />}
        <DialogActions name="Create" kind="main" isDisabled={isBusy} onClose={onClose} />
      </form>
    </Dialog>
  );
}
