import Table from 'cli-table3';

/** What a figure is measured against: the value must be below, or at least at, the number. */
export type Goal = { readonly below: number } | { readonly atLeast: number };

/** One measured number. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** Absent for a number that is printed to be compared with others only. */
  readonly goal?: Goal;
}

/** The figures of one run as `--json` prints them: `goal` and `holds` are null where a figure has no goal. */
export interface Report {
  readonly name: string;
  readonly figures: readonly {
    readonly what: string;
    readonly value: number;
    readonly unit: string;
    readonly goal: string | null;
    readonly holds: boolean | null;
  }[];
}

export function reportOf(name: string, figures: readonly Figure[]): Report {
  return {
    name,
    figures: figures.map(({ what, value, unit, goal }) => ({
      what,
      value,
      unit,
      goal: goal === undefined ? null : goalText(goal),
      holds: goal === undefined ? null : holds(value, goal),
    })),
  };
}

/** The report as a table for people. */
export function reportTable({ name, figures }: Report): string {
  const table = new Table({
    head: [name, 'value', 'unit', 'goal', 'holds'],
    colAligns: ['left', 'right', 'left', 'left', 'left'],
    style: { head: [], border: [] },
  });
  for (const figure of figures) {
    table.push([figure.what, shortNumber(figure.value), figure.unit, figure.goal ?? '', verdict(figure.holds)]);
  }
  return table.toString();
}

function goalText(goal: Goal): string {
  return 'below' in goal ? `< ${goal.below}` : `>= ${goal.atLeast}`;
}

function holds(value: number, goal: Goal): boolean {
  return 'below' in goal ? value < goal.below : value >= goal.atLeast;
}

function verdict(held: boolean | null): string {
  if (held === null) return '';
  return held ? 'yes' : 'NO';
}

/** Three digits that count, and whole numbers whole. */
function shortNumber(value: number): string {
  return Number.isInteger(value) || Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(3);
}
