import { useEffect, useState } from 'preact/hooks';

/** A choice of the user that this browser remembers. Other tabs of it follow. */
export function useRemembered<T extends string>(name: string, first: T): [T, (value: T) => void] {
  const key = `rivulet.${name}`;
  const remembered = () => (localStorage.getItem(key) as T | null) ?? first;
  const [value, setValue] = useState<T>(remembered);
  useEffect(() => {
    const changed = (event: StorageEvent) => event.key === key && setValue(remembered());
    addEventListener('storage', changed);
    return () => removeEventListener('storage', changed);
  }, [key]);
  return [
    value,
    (next) => {
      localStorage.setItem(key, next);
      setValue(next);
    },
  ];
}
