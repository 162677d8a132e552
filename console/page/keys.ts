import { useLayoutEffect, useRef } from 'preact/hooks';

/** What each key does on a screen. `?` is the page's own. */
export type KeyMap = Readonly<Record<string, (event: KeyboardEvent) => void>>;

/** Whether keys write into a field, or choose in it. */
const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  !isSwitch(target) &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** A field that nothing is written into. */
const isSwitch = (target: HTMLElement): boolean =>
  target instanceof HTMLInputElement && /^(checkbox|radio|range|file)$/.test(target.type);

/** A button, link or box takes space and Enter for itself. */
const isPressable = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (isSwitch(target) || /^(BUTTON|A|SUMMARY)$/.test(target.tagName));

/** What is below a dialog does nothing while it is open. */
const hasDialog = (): boolean => document.querySelector('dialog[open]') !== null;

/** Hears keys while a screen is shown and no dialog is, but not those that are typed into a field, or come with Ctrl, Alt or the like. */
export function useKeys(keys: KeyMap): void {
  const latest = useRef(keys);
  latest.current = keys;
  // With the screen itself: a key that is pressed at once is heard.
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const action = latest.current[event.key];
      const isTaken =
        event.defaultPrevented ||
        hasDialog() ||
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        (isTyping(event.target) && event.key !== 'Escape') ||
        (isPressable(event.target) && (event.key === ' ' || event.key === 'Enter'));
      if (action !== undefined && !isTaken) {
        action(event);
      }
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, []);
}

/** Puts the cursor into a field, so that `/` does. */
export const focusOn =
  (selector: string) =>
  (event: Event): void => {
    const field = document.querySelector<HTMLInputElement>(selector);
    if (field !== null) {
      event.preventDefault();
      field.focus();
      field.select();
    }
  };
