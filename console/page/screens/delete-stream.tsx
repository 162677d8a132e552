import { useState } from 'preact/hooks';
import { call } from '../api.ts';
import { Dialog } from '../parts/dialog.tsx';
import { DialogActions } from '../parts/dialog-actions.tsx';
import { ErrorNotice } from '../parts/notice.tsx';
import { useAction } from '../use.ts';

/** Deletes a stream, its records and its consumers, once its name is typed. */
export function DeleteStream({
  stream,
  onClose,
  onDeleted,
}: {
  stream: string;
  onClose: () => void;
  onDeleted: () => void;
}) {
  const [typed, setTyped] = useState('');
  const { isBusy, error, run } = useAction();
  const remove = (event: Event) => {
    event.preventDefault();
    if (typed === stream) {
      run(async () => {
        await call('DeleteStream', { StreamName: stream, EnforceConsumerDeletion: true });
        onDeleted();
      });
    }
  };
  return (
    <Dialog title={`Delete ${stream}`} onClose={onClose}>
      <form onSubmit={remove}>
        <p>Its records and its registered consumers are deleted too. Nothing brings them back.</p>
        <label>
          Type the name of the stream
          <input
            value={typed}
            autocomplete="off"
            spellcheck={false}
            onInput={(event: Event) => setTyped((event.target as HTMLInputElement).value)}
          />
        </label>
        {error && <ErrorNotice error={error} />}
        <DialogActions name="Delete" kind="danger" isDisabled={isBusy || typed !== stream} onClose={onClose} />
      </form>
    </Dialog>
  );
}
