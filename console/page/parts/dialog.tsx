import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

/** A dialog above the page. Escape closes it, and the cursor goes back to where it was. */
export function Dialog({
  title,
  onClose,
  children,
  kind = 'middle',
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  kind?: 'middle' | 'drawer';
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const isPressedBeside = useRef(false);
  const titleId = useId();
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={kind}
      aria-labelledby={titleId}
      onCancel={(event: Event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event: PointerEvent) => {
        isPressedBeside.current = event.target === dialog.current;
      }}
      onClick={(event: MouseEvent) => {
        // The dialog itself is hit only beside its content. A selection of text may begin in it, and end beside it.
        if (event.target === dialog.current && isPressedBeside.current) {
          onClose();
        }
      }}
    >
      <div class="dialog-content">
        <header class="dialog-header">
          <h2 id={titleId}>{title}</h2>
          <button type="button" class="plain" onClick={onClose} aria-label="Close">
            ✕
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
