import type { ComponentChildren } from 'preact';

/** What may be wider than the window: it is scrolled by itself, by keys too. */
export const Scroll = ({ label, children }: { label: string; children: ComponentChildren }) => (
  <section class="scroll" aria-label={label} tabIndex={0}>
    {children}
  </section>
);
