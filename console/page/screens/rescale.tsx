import { useState } from 'preact/hooks';
import { call } from '../api.ts';
import { counted } from '../model/format.ts';
import { ErrorNotice } from '../parts/notice.tsx';
import { useSession } from '../session.ts';
import { useAction } from '../use.ts';

interface RescaleProps {
  readonly stream: string;
  readonly open: number;
  readonly canChange: boolean;
  readonly onChanged: () => void;
}

/** The most shards of a preview that are drawn one by one. */
const MAX_DRAWN = 400;

/** Changes the number of shards, with a look at what it will be. */
export function Rescale({ stream, open, canChange, onChanged }: RescaleProps) {
  const { isReadOnly } = useSession();
  const { isBusy, error, run } = useAction();
  const [target, setTarget] = useState('');
  const wanted = Number(target);
  const [least, most] = [Math.ceil(open / 2), open * 2];
  const isPossible = Number.isInteger(wanted) && wanted >= least && wanted <= most && wanted !== open;
  return (
    <section class="panel" aria-label="Rescale">
      <h2>Rescale</h2>
      <form
        class="inline"
        onSubmit={(event: Event) => {
          event.preventDefault();
          run(async () => {
            await call('UpdateShardCount', {
              StreamName: stream,
              TargetShardCount: wanted,
              ScalingType: 'UNIFORM_SCALING',
            });
            setTarget('');
            onChanged();
          });
        }}
      >
        <label>
          Shards{' '}
          <input
            type="number"
            min={least}
            max={most}
            placeholder={`${open}`}
            value={target}
            onInput={(event: Event) => setTarget((event.target as HTMLInputElement).value)}
          />
        </label>
        <button type="submit" disabled={isReadOnly || !canChange || isBusy || !isPossible}>
          Rescale
        </button>
        <span class="quiet">
          from half of them to twice as many: {least} to {most}
        </span>
      </form>
      {isPossible && wanted <= MAX_DRAWN && (
        <div class="preview" role="img" aria-label={`${wanted} equal shards`}>
          {Array.from({ length: wanted }, (_, index) => (
            <span key={index} />
          ))}
        </div>
      )}
      {isPossible && (
        <p>
          {counted(open, 'shard')} become {wanted}, each with {(100 / wanted).toFixed(1)} % of the hash keys.
        </p>
      )}
      {error && <ErrorNotice error={error} />}
    </section>
  );
}
