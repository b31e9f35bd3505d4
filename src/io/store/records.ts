import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { DecisionRecord } from '../../core/decide/record.ts';
import { INSERT_RECORD, insertValues } from './record-columns.ts';
import { openRecordDatabase } from './record-database.ts';
import { StoreError } from './store-error.ts';

export interface RecordLimits {
  /** How old a record may get. */
  readonly ageMsMax: number;
  /** How many are kept. */
  readonly countMax: number;
}

export interface RecordsOptions {
  readonly nowMs: () => number;
  readonly limits?: Partial<RecordLimits>;
}

/** Records whose columns have these values. */
export type RecordFilter = Readonly<Partial<Record<'team' | 'route' | 'model' | 'outcome' | 'endpoint', string>>>;

export interface RecordCount {
  readonly offer: string | null;
  readonly endpoint: string | null;
  readonly outcome: string;
  readonly count: number;
}

export interface RecordStats {
  readonly written: number;
  readonly queued: number;
  /** Records that found the queue full. */
  readonly dropped: number;
  /** Records that the database refused, with its last words. */
  readonly failed: number;
  readonly lastFailure: string | undefined;
  /** Where a damaged file, or one of another version, was put when the store was opened. */
  readonly setAside: string | undefined;
}

/** A week, as long as a decider keeps a digest that a record can name; some two kilobytes each. */
const RECORD_LIMITS: RecordLimits = { ageMsMax: 7 * 86_400_000, countMax: 500_000 };

/** Records wait this long for others, so that one transaction takes many. */
const FLUSH_DELAY_MS = 100;
/** One transaction, about two milliseconds: between two of them requests go on. */
const BATCH_COUNT = 128;
/** Some seconds of a disk that hangs, then records are dropped and counted: requests never wait for them. */
const QUEUE_COUNT_MAX = 20_000;
/** After so many written, at most so many of the oldest are deleted: twice what came in. */
const TRIM_INTERVAL_COUNT = 128;
const TRIM_COUNT = 256;

/**
 * The decision records of this process, in SQLite.
 * @throws StoreError `store-unwritable`
 */
export function openRecords(path: string, options: RecordsOptions): Records {
  return new Records(openRecordDatabase(path), options);
}

/** Writes in batches behind the caller; reads see everything that was appended. */
export class Records {
  readonly #database: DatabaseSync;
  readonly #setAside: string | undefined;
  readonly #nowMs: () => number;
  readonly #limits: RecordLimits;
  readonly #insert: StatementSync;
  readonly #queue: DecisionRecord[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #written = 0;
  #untrimmed = 0;
  #dropped = 0;
  #failed = 0;
  #lastFailure: string | undefined;

  constructor(opened: ReturnType<typeof openRecordDatabase>, { nowMs, limits }: RecordsOptions) {
    this.#database = opened.database;
    this.#setAside = opened.setAside;
    this.#nowMs = nowMs;
    this.#limits = { ...RECORD_LIMITS, ...limits };
    this.#insert = opened.database.prepare(INSERT_RECORD);
  }

  /** Queues a record; one of the same id takes its place. Never throws, never waits. */
  append(record: DecisionRecord): void {
    if (this.#isClosed || this.#queue.length >= QUEUE_COUNT_MAX) {
      this.#dropped += 1;
      return;
    }
    this.#queue.push(record);
    this.#timer ??= setTimeout(() => this.#drain(), FLUSH_DELAY_MS);
  }

  /** Writes all that is queued, now. A refusal of the database is counted, not thrown: see `stats`. */
  flush(): void {
    while (this.#queue.length > 0) this.#writeBatch();
  }

  get(id: string): DecisionRecord | undefined {
    return this.#select('WHERE id = ? LIMIT 1', [id])[0];
  }

  /** The last `count` records that the filter takes, the latest first. */
  latest(count: number, filter: RecordFilter = {}): DecisionRecord[] {
    const wanted = FILTER_COLUMNS.flatMap((column) => {
      const value = filter[column];
      return value === undefined ? [] : [{ condition: `${column} = ?`, value }];
    });
    const where = wanted.length === 0 ? '' : `WHERE ${wanted.map(({ condition }) => condition).join(' AND ')}`;
    return this.#select(`${where} ORDER BY sequence DESC LIMIT ?`, [...wanted.map(({ value }) => value), count]);
  }

  /** How many records since a time (milliseconds since the epoch) came to which end, by offer and endpoint. */
  countsSince(timeMs: number): RecordCount[] {
    return this.#read(
      () =>
        this.#database
          .prepare(
            `SELECT offer, endpoint, outcome, count(*) AS count FROM records WHERE time_ms >= ?
             GROUP BY offer, endpoint, outcome ORDER BY offer, endpoint, outcome`,
          )
          .all(timeMs)
          .map((row) => ({ ...row })) as unknown as RecordCount[],
    );
  }

  stats(): RecordStats {
    return {
      written: this.#written,
      queued: this.#queue.length,
      dropped: this.#dropped,
      failed: this.#failed,
      lastFailure: this.#lastFailure,
      setAside: this.#setAside,
    };
  }

  /** Writes what is queued and closes the file. Records appended later are dropped. */
  close(): void {
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    this.flush();
    this.#isClosed = true;
    this.#database.close();
  }

  #drain(): void {
    this.#timer = undefined;
    if (this.#isClosed || this.#queue.length === 0) return;
    this.#writeBatch();
    setImmediate(() => this.#drain());
  }

  #writeBatch(): void {
    const batch = this.#queue.splice(0, BATCH_COUNT);
    try {
      this.#transaction(() => {
        for (const record of batch) this.#insert.run(...insertValues(record));
      });
      this.#written += batch.length;
      this.#untrimmed += batch.length;
      if (this.#untrimmed >= TRIM_INTERVAL_COUNT) this.#trim();
    } catch (error) {
      this.#failed += batch.length;
      this.#lastFailure = error instanceof Error ? error.message : 'unknown';
    }
  }

  #select(clause: string, values: readonly SQLInputValue[]): DecisionRecord[] {
    return this.#read(() =>
      this.#database
        .prepare(`SELECT json FROM records ${clause}`)
        .all(...values)
        .map((row) => JSON.parse(String(row.json)) as DecisionRecord),
    );
  }

  #read<T>(query: () => T): T {
    if (this.#isClosed) throw new StoreError('store-closed', 'the records are closed');
    this.flush();
    try {
      return query();
    } catch (cause) {
      throw unreadable(cause);
    }
  }

  #transaction(work: () => void): void {
    this.#database.exec('BEGIN');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Deletes from the oldest on what is above the count or the age, a bounded number at a time. */
  #trim(): void {
    this.#untrimmed = 0;
    this.#database
      .prepare(
        `DELETE FROM records WHERE sequence IN (SELECT sequence FROM records ORDER BY sequence LIMIT ${TRIM_COUNT})
         AND (time_ms < ? OR sequence <= (SELECT max(sequence) FROM records) - ?)`,
      )
      .run(this.#nowMs() - this.#limits.ageMsMax, this.#limits.countMax);
  }
}

const FILTER_COLUMNS = ['team', 'route', 'model', 'outcome', 'endpoint'] as const;

function unreadable(cause: unknown): StoreError {
  const why = cause instanceof Error ? cause.message : 'unknown';
  return new StoreError('store-corrupt', `cannot read the records: ${why}`, { cause });
}
