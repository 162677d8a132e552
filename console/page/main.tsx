import { render } from 'preact';
import { App } from './app.tsx';
import { beginSeeing } from './seen.ts';

const place = document.getElementById('app');
if (place !== null) {
  beginSeeing();
  render(<App />, place);
}
