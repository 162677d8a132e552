import type { About } from '../wire.ts';
import { Dialog } from './parts/dialog.tsx';

const KEYS = [
  ['/', 'search or filter'],
  ['j, k', 'next and previous line'],
  ['Enter', 'open the line'],
  ['space', 'pause and go on (records)'],
  ['n', 'new stream (list of streams)'],
  ['1 to 6', 'the screens of a stream'],
  ['u', 'up to all streams'],
  ['Esc', 'close what is open'],
  ['?', 'this help'],
] as const;

export const Help = ({ about, onClose }: { about: About; onClose: () => void }) => (
  <Dialog title="Keys" onClose={onClose}>
    <table>
      <tbody>
        {KEYS.map(([key, meaning]) => (
          <tr key={key}>
            <th scope="row">
              <kbd>{key}</kbd>
            </th>
            <td>{meaning}</td>
          </tr>
        ))}
      </tbody>
    </table>
    <p class="quiet">
      Rivulet {about.version}. This page talks to its own process on this machine, and that to {about.endpoint}
      {about.profile === undefined ? '' : ` as ${about.profile}`}. Nothing goes anywhere else.
    </p>
  </Dialog>
);
