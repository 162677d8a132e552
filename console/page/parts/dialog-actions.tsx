/** What ends the form of a dialog: leaving it, or doing what it says. */
export const DialogActions = ({
  name,
  kind,
  isDisabled,
  onClose,
}: {
  name: string;
  kind: 'main' | 'danger';
  isDisabled: boolean;
  onClose: () => void;
}) => (
  <footer class="actions">
    <button type="button" onClick={onClose}>
      Cancel
    </button>
    <button type="submit" class={kind} disabled={isDisabled}>
      {name}
    </button>
  </footer>
);
