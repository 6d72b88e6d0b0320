/** Where a value stands on an axis, 0 to 1, and the values worth a mark. */
export interface Scale {
  readonly kind: "linear" | "logarithmic";
  position(value: number): number;
  readonly ticks: readonly number[];
}

/** From this ratio of the largest to the smallest value on, an axis is logarithmic. */
const LOG_RATIO = 30;

/** Below this a value is nothing, in any unit that we measure in. */
const SMALLEST = 1e-9;

/** Room for `value` in `span`, kept within the axis; the middle where there is no span. */
function within(value: number, span: number): number {
  return span > 0 ? Math.min(1, Math.max(0, value / span)) : 0.5;
}

/** Step of 1, 2 or 5 times a power of ten that cuts `span` into at most `most` pieces. */
function niceStep(span: number, most: number): number {
  const rough = span / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
}

/** Evenly spaced marks from `from` to `to`. */
export function linearScale(from: number, to: number, most: number): Scale {
  const span = to - from;
  const ticks: number[] = [];
  if (span >= SMALLEST && Number.isFinite(span)) {
    const step = niceStep(span, most);
    // Counted, not added up: a sum of many steps drifts, and may stand still.
    const first = Math.ceil(from / step - 1e-9);
    for (let i = 0; i <= most + 1; i++) {
      const tick = Number(((first + i) * step).toPrecision(12));
      if (tick <= to + step * 1e-9) ticks.push(tick);
    }
  }
  return { kind: "linear", ticks, position: (value) => within(value - from, span) };
}

function logScale(from: number, to: number): Scale {
  const low = Math.log10(from);
  const span = Math.log10(to) - low;
  const ticks: number[] = [];
  const factors = span > 4 ? [1] : span > 2 ? [1, 3] : [1, 2, 5];
  for (let power = Math.floor(low); power <= Math.ceil(low + span); power++) {
    for (const factor of factors) {
      const tick = Number((factor * 10 ** power).toPrecision(6));
      if (tick >= from && tick <= to) ticks.push(tick);
    }
  }
  return {
    kind: "logarithmic",
    ticks,
    position: (value) => within(Math.log10(Math.max(value, from)) - low, span),
  };
}

/** The scale that shows values between `from` and `to` best. */
export function scaleFor(from: number, to: number, most: number): Scale {
  if (from >= SMALLEST && to / from >= LOG_RATIO) return logScale(from, to);
  return linearScale(from, to, most);
}
