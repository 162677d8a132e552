/** The status of a stream or a consumer. */
export const Status = ({ status }: { status: string }) => (
  <span class={`status status-${status.toLowerCase()}`}>{status.toLowerCase()}</span>
);
