import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { clock } from '../model/format.ts';

/** One line of a chart. */
export interface Line {
  readonly label: string;
  readonly values: readonly (number | undefined)[];
}

interface ChartProps {
  readonly title: string;
  /** Epoch s. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
}

const HEIGHT = 150;
const COLOURS = ['--line-1', '--line-2'] as const;

/** The course of some values over time, with the values at the pointer. */
export function Chart({ title, times, lines, format }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const data = [times, ...lines.map(({ values }) => values.map((value) => value ?? null))] as uPlot.AlignedData;
  const names = lines.map(({ label }) => label).join('|');
  useEffect(() => {
    const element = place.current;
    if (element === null) {
      return;
    }
    const created = new uPlot(optionsOf(element, lines, format), data, element);
    chart.current = created;
    const resized = new ResizeObserver(() => created.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      created.destroy();
    };
  }, [names]);
  useEffect(() => chart.current?.setData(data));
  return (
    <figure class="chart">
      <figcaption>
        <h2>{title}</h2>
        <p>
          {lines.map(({ label, values }, index) => (
            <span key={label} class={`line-${index + 1}`}>
              {label} <b>{format(values.findLast((value) => value !== undefined) ?? 0)}</b>{' '}
            </span>
          ))}
        </p>
      </figcaption>
      <div ref={place} />
    </figure>
  );
}

function optionsOf(element: HTMLElement, lines: readonly Line[], format: (value: number) => string): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => () => getComputedStyle(element).getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: colour('--quiet-text'),
    grid: { stroke: colour('--border'), width: 1 },
    ticks: { show: false },
    font: `11px ${style.fontFamily}`,
  };
  return {
    width: element.clientWidth || 300,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false },
    scales: { y: { range: (_chart, _low, high) => [0, Math.max(1, high * 1.1)] } },
    axes: [
      { ...axis, space: 70, values: (_chart, times) => times.map((time) => clock(time * 1_000).slice(0, 8)) },
      { ...axis, size: 64, values: (_chart, values) => values.map(format) },
    ],
    series: [
      {},
      ...lines.map(
        (_line, index): uPlot.Series => ({
          stroke: colour(COLOURS[index] ?? '--line-1'),
          width: 1.5,
          points: { show: false },
          spanGaps: false,
        }),
      ),
    ],
  };
}
