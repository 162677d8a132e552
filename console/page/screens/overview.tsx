import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { streamAddress } from '../address.ts';
import { call } from '../api.ts';
import { listTags } from '../kinesis.ts';
import { counted, dateTime } from '../model/format.ts';
import { snippets } from '../model/snippets.ts';
import { Code, Copy } from '../parts/copy.tsx';
import { ErrorNotice, Shown } from '../parts/notice.tsx';
import { useSession } from '../session.ts';
import { useAction, useAsked } from '../use.ts';
import { DeleteStream } from './delete-stream.tsx';
import { type Setting, settingsOf } from './settings.ts';
import type { StreamProps } from './stream-props.ts';

/** A stream's settings, which are changed in place, its tags, and how programs use it. */
export function OverviewScreen({ stream, asked }: StreamProps) {
  const { route } = useLocation();
  const { isReadOnly } = useSession();
  const [isDeleting, setDeleting] = useState(false);
  return (
    <div class="columns">
      <section aria-label="Settings">
        <h2>Settings</h2>
        <dl class="facts">
          <div>
            <dt>ARN</dt>
            <dd class="breaks">
              {stream.StreamARN} <Copy text={stream.StreamARN} />
            </dd>
          </div>
          <div>
            <dt>Created</dt>
            <dd>{dateTime((stream.StreamCreationTimestamp ?? 0) * 1_000)}</dd>
          </div>
          <div>
            <dt>Shards</dt>
            <dd>
              <a href={streamAddress(stream.StreamName, 'shards')}>{counted(stream.OpenShardCount, 'open shard')}</a>
            </dd>
          </div>
          {settingsOf(stream).map((setting) => (
            <SettingLine key={setting.name} setting={setting} isFixed={isReadOnly} onChanged={asked.again} />
          ))}
        </dl>
        <Tags stream={stream.StreamName} />
        <p>
          <button type="button" class="danger" disabled={isReadOnly} onClick={() => setDeleting(true)}>
            Delete stream
          </button>
        </p>
      </section>
      <Snippets stream={stream.StreamName} />
      {isDeleting && (
        <DeleteStream stream={stream.StreamName} onClose={() => setDeleting(false)} onDeleted={() => route('/')} />
      )}
    </div>
  );
}

interface SettingProps {
  readonly setting: Setting;
  readonly isFixed: boolean;
  readonly onChanged: () => void;
}

function SettingLine({ setting, isFixed, onChanged }: SettingProps) {
  const [isChanging, setChanging] = useState(false);
  return (
    <div>
      <dt>{setting.name}</dt>
      <dd>
        {isChanging ? (
          <SettingForm
            setting={setting}
            isFixed={isFixed}
            onChanged={() => {
              setChanging(false);
              onChanged();
            }}
            onClose={() => setChanging(false)}
          />
        ) : (
          <>
            {setting.shown}{' '}
            <button
              type="button"
              class="small"
              disabled={isFixed}
              onClick={() => setChanging(true)}
              aria-label={`Change ${setting.name.toLowerCase()}`}
            >
              Change
            </button>
          </>
        )}
      </dd>
    </div>
  );
}

function SettingForm({ setting, isFixed, onChanged, onClose }: SettingProps & { onClose: () => void }) {
  const [value, setValue] = useState(setting.value);
  const { isBusy, error, run } = useAction();
  const change = (event: Event) => {
    event.preventDefault();
    run(async () => {
      await call(...setting.change(value));
      onChanged();
    });
  };
  const typed = (event: Event) => setValue((event.target as HTMLInputElement).value);
  return (
    <>
      <form class="inline" onSubmit={change}>
        {setting.choices === undefined ? (
          <input aria-label={setting.name} inputMode={setting.inputMode} required value={value} onInput={typed} />
        ) : (
          <select aria-label={setting.name} value={value} onChange={typed}>
            {setting.choices.map(([choice, words]) => (
              <option key={choice} value={choice}>
                {words}
              </option>
            ))}
          </select>
        )}
        <button type="submit" class="small main" disabled={isFixed || isBusy || value === setting.value}>
          Save
        </button>
        <button type="button" class="small" onClick={onClose}>
          Cancel
        </button>
      </form>
      {error && <ErrorNotice error={error} />}
    </>
  );
}

function Tags({ stream }: { stream: string }) {
  const { isReadOnly } = useSession();
  const tags = useAsked(`tags ${stream}`, (signal) => listTags(stream, signal));
  const { isBusy, error, run } = useAction();
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const change = (operation: string, input: object, changed = () => {}) =>
    run(async () => {
      await call(operation, { StreamName: stream, ...input });
      changed();
      tags.again();
    });
  const add = () =>
    change('AddTagsToStream', { Tags: { [key]: value } }, () => {
      setKey('');
      setValue('');
    });
  return (
    <section aria-label="Tags">
      <h2>Tags</h2>
      <Shown asked={tags} what="tags">
        {(all) => (
          <ul class="tags">
            {all.length === 0 && <li class="quiet">none</li>}
            {all.map((tag) => (
              <li key={tag.Key} class="badge">
                {tag.Key}={tag.Value}{' '}
                <button
                  type="button"
                  class="plain"
                  disabled={isReadOnly || isBusy}
                  aria-label={`Remove tag ${tag.Key}`}
                  onClick={() => change('RemoveTagsFromStream', { TagKeys: [tag.Key] })}
                >
                  ✕
                </button>
              </li>
            ))}
          </ul>
        )}
      </Shown>
      <form
        class="inline"
        onSubmit={(event: Event) => {
          event.preventDefault();
          add();
        }}
      >
        <input
          aria-label="Key of a new tag"
          placeholder="key"
          required
          value={key}
          onInput={(event: Event) => setKey((event.target as HTMLInputElement).value)}
        />
        <input
          aria-label="Value of a new tag"
          placeholder="value"
          value={value}
          onInput={(event: Event) => setValue((event.target as HTMLInputElement).value)}
        />
        <button type="submit" class="small" disabled={isReadOnly || isBusy}>
          Add tag
        </button>
      </form>
      {error && <ErrorNotice error={error} />}
    </section>
  );
}

function Snippets({ stream }: { stream: string }) {
  const { about } = useSession();
  const all = snippets(stream, about);
  const [language, setLanguage] = useState('CLI');
  const chosen = all.find((one) => one.language === language);
  return (
    <section aria-label="Snippets">
      <h2>Put from a program</h2>
      <p class="choices">
        {all.map((one) => (
          <button
            key={one.language}
            type="button"
            class="small"
            aria-pressed={one.language === language}
            onClick={() => setLanguage(one.language)}
          >
            {one.language}
          </button>
        ))}
      </p>
      <Code code={chosen?.code ?? ''} />
    </section>
  );
}
