const WIDTH = 100;
const HEIGHT = 24;

/** The course of some values, small enough for a line of a table. */
export function Sparkline({ values, label }: { values: readonly number[]; label: string }) {
  const most = Math.max(1, ...values);
  const points = values
    .map(
      (value, index) =>
        `${(index * WIDTH) / Math.max(1, values.length - 1)},${HEIGHT - 1 - (value / most) * (HEIGHT - 2)}`,
    )
    .join(' ');
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <polyline points={points} />
    </svg>
  );
}
