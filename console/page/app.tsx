import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { LocationProvider, Route, Router, useLocation } from 'preact-iso';
import type { About } from '../wire.ts';
import { isReadable } from './address.ts';
import { ask, chooseRegion, setLookingOnly } from './api.ts';
import { Help } from './help.tsx';
import { focusOn, useKeys } from './keys.ts';
import { Boundary } from './parts/boundary.tsx';
import { Shown } from './parts/notice.tsx';
import { useRemembered } from './remembered.ts';
import { StreamScreen } from './screens/stream.tsx';
import { StreamsScreen } from './screens/streams.tsx';
import { SessionContext } from './session.ts';
import { useAsked } from './use.ts';

/** The whole page. */
export function App() {
  const about = useAsked<About>('about', (signal) => ask('about', {}, signal));
  return (
    <LocationProvider>
      <Shown asked={about} what="the console">
        {(value) => <Frame about={value} />}
      </Shown>
    </LocationProvider>
  );
}

type Theme = 'system' | 'light' | 'dark';

const NEXT_THEME: Readonly<Record<Theme, Theme>> = { system: 'dark', dark: 'light', light: 'system' };

function Frame({ about }: { about: About }) {
  const [theme, setTheme] = useRemembered<Theme>('theme', 'system');
  const [wantsReadOnly, setReadOnly] = useRemembered<'on' | 'off'>('read-only', 'off');
  const [hasHelp, setHelp] = useState(false);
  const { path } = useLocation();
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  useKeys({ '?': () => setHelp(true), '/': focusOn('[data-find]') });
  const isReadOnly = about.readOnly || wantsReadOnly === 'on';
  useLayoutEffect(() => setLookingOnly(isReadOnly), [isReadOnly]);
  return (
    <SessionContext.Provider value={{ about, isReadOnly }}>
      <a class="skip" href="#content">
        To the content
      </a>
      <header class="top">
        <a class="brand" href="/">
          <img src="/icon.svg" alt="" width="24" height="24" /> Rivulet
        </a>
        <span class="endpoint" title={about.endpoint}>
          {about.endpoint}
        </span>
        <span class={`badge kind-${about.kind}`}>{KINDS[about.kind]}</span>
        <RegionChoice about={about} />
        <span class="space" />
        <label class="switch">
          <input
            type="checkbox"
            checked={isReadOnly}
            disabled={about.readOnly}
            onChange={() => setReadOnly(isReadOnly ? 'off' : 'on')}
          />{' '}
          Read-only
        </label>
        <button type="button" class="small" onClick={() => setTheme(NEXT_THEME[theme])}>
          Theme: {theme}
        </button>
        <button type="button" class="small" onClick={() => setHelp(true)} aria-label="Help (?)">
          ?
        </button>
      </header>
      <main id="content">
        <Boundary at={path}>
          {isReadable(path) ? (
            <Router>
              <Route path="/" component={StreamsScreen} />
              <Route path="/streams/:stream" component={StreamScreen} />
              <Route path="/streams/:stream/:screen" component={StreamScreen} />
              <Route default component={Nowhere} />
            </Router>
          ) : (
            <Nowhere />
          )}
        </Boundary>
      </main>
      {hasHelp && <Help about={about} onClose={() => setHelp(false)} />}
    </SessionContext.Provider>
  );
}

/** A local server has every region: one is looked at. */
function RegionChoice({ about: { region, regions } }: { about: About }) {
  if (regions.length < 2) {
    return <span class="badge">{region}</span>;
  }
  return (
    <select
      aria-label="Region"
      class="small"
      value={region}
      onChange={(event: Event) => {
        chooseRegion((event.target as HTMLSelectElement).value);
        location.assign('/');
      }}
    >
      {regions.map((one) => (
        <option key={one} value={one}>
          {one}
        </option>
      ))}
    </select>
  );
}

const KINDS = { local: 'on this machine', deployed: 'deployed', aws: 'Kinesis' } as const;

const Nowhere = () => (
  <div class="notice empty">
    <h1>There is nothing at this address</h1>
    <a href="/">All streams</a>
  </div>
);
