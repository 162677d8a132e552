import { useState } from 'preact/hooks';

/** A choice of the user that this browser remembers. */
export function useRemembered<T extends string>(name: string, first: T): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => (localStorage.getItem(`rivulet.${name}`) as T | null) ?? first);
  return [
    value,
    (next) => {
      localStorage.setItem(`rivulet.${name}`, next);
      setValue(next);
    },
  ];
}
