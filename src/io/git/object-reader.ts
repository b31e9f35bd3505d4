import type { ChildProcess } from 'node:child_process';
import { classifyFailure } from './classify-failure.ts';
import { type GitProgram, killGroup, missingProgram, spawnGit } from './git-process.ts';
import { SourceError } from './source-error.ts';

/** The answer for one object name. Of one above the cap only the size is known: its bytes were dropped unread. */
export type GitObject =
  | { readonly kind: 'object'; readonly id: string; readonly type: string; readonly bytes: Buffer }
  | { readonly kind: 'too-large'; readonly id: string; readonly type: string; readonly size: number }
  | { readonly kind: 'missing' };

interface Question {
  readonly bytesMax: number;
  readonly resolve: (object: GitObject) => void;
  readonly reject: (error: SourceError) => void;
}

/** The object whose bytes are arriving. Undefined `bytes` means: dropped, for its size. */
interface Arriving {
  readonly id: string;
  readonly type: string;
  readonly size: number;
  readonly bytes: Buffer | undefined;
  filled: number;
}

const NEWLINE = 0x0a;
/** The process answers from local disk: silence this long means that it hangs. */
const SILENCE_MS = 20_000;
const HEADER_BYTES_MAX = 4_096;

/**
 * Reads objects of one repository through one long-lived `git cat-file --batch`, started on the first question and
 * again after it died. Questions may overlap; answers come in their order.
 */
export class ObjectReader {
  readonly #program: GitProgram;
  readonly #repository: string;
  readonly #questions: Question[] = [];
  #child: ChildProcess | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #arriving: Arriving | undefined;
  #errors = '';
  #silence: NodeJS.Timeout | undefined;

  constructor(program: GitProgram, repository: string) {
    this.#program = program;
    this.#repository = repository;
  }

  /**
   * @param name an object id, or a ref with `^{type}`; never text of a user, since a newline would ask twice
   * @throws SourceError `git-corrupt` when the object cannot be read, `git-timeout`, `git-closed`
   */
  read(name: string, bytesMax: number): Promise<GitObject> {
    const { promise, resolve, reject } = Promise.withResolvers<GitObject>();
    const child = this.#running();
    this.#questions.push({ bytesMax, resolve, reject });
    if (this.#questions.length === 1) this.#watchSilence();
    child.stdin?.write(`${name}\n`);
    return promise;
  }

  /** Ends the process; open questions fail with `git-closed`. */
  close(): void {
    this.#fail(new SourceError('git-closed', 'read of the mirror: stopped'));
  }

  #running(): ChildProcess {
    if (this.#child !== undefined) return this.#child;
    const child = spawnGit(this.#program, this.#repository, ['cat-file', '--batch']);
    this.#child = child;
    this.#errors = '';
    child.stdin?.on('error', () => undefined);
    child.stdout?.on('data', (chunk: Buffer) => this.#child === child && this.#receive(chunk));
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString('utf8')).slice(-HEADER_BYTES_MAX);
    });
    child.once('error', (cause) => this.#child === child && this.#fail(missingProgram(this.#program, cause)));
    child.once('close', () => this.#child === child && this.#fail(this.#deathOf()));
    return child;
  }

  /** The process ends by itself only when it cannot read what it was asked for. */
  #deathOf(): SourceError {
    const said = classifyFailure('read of the mirror', this.#errors);
    return new SourceError('git-corrupt', said.message);
  }

  #receive(chunk: Buffer): void {
    this.#silence?.refresh();
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (data.length > 0) {
      const used = this.#arriving === undefined ? this.#header(data) : this.#content(data, this.#arriving);
      if (used === 0) break;
      data = data.subarray(used);
    }
    this.#rest = data;
  }

  /** `ID TYPE SIZE` or `NAME missing`: how many bytes it took, 0 when the line is not whole yet. */
  #header(data: Buffer): number {
    const end = data.indexOf(NEWLINE);
    if (end < 0) return 0;
    const [id = '', type = '', size] = data.toString('latin1', 0, end).split(' ');
    const bytesMax = this.#questions[0]?.bytesMax ?? 0;
    if (size === undefined || !/^\d+$/.test(size)) {
      this.#answer({ kind: 'missing' });
    } else {
      const bytes = Number(size) > bytesMax ? undefined : Buffer.alloc(Number(size));
      this.#arriving = { id, type, size: Number(size), bytes, filled: 0 };
    }
    return end + 1;
  }

  #content(data: Buffer, object: Arriving): number {
    const taken = Math.min(data.length, object.size - object.filled);
    if (object.bytes !== undefined) data.copy(object.bytes, object.filled, 0, taken);
    object.filled += taken;
    if (object.filled < object.size || data.length === taken) return taken;
    const { id, type, size, bytes } = object;
    this.#arriving = undefined;
    this.#answer(bytes === undefined ? { kind: 'too-large', id, type, size } : { kind: 'object', id, type, bytes });
    return taken + 1;
  }

  #answer(object: GitObject): void {
    this.#questions.shift()?.resolve(object);
    if (this.#questions.length === 0) clearTimeout(this.#silence);
  }

  #watchSilence(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(
      () => this.#fail(new SourceError('git-timeout', `read of the mirror: silent for ${SILENCE_MS} ms`)),
      SILENCE_MS,
    );
  }

  #fail(error: SourceError): void {
    clearTimeout(this.#silence);
    if (this.#child !== undefined) killGroup(this.#child);
    this.#child = undefined;
    this.#rest = Buffer.alloc(0);
    this.#arriving = undefined;
    for (const question of this.#questions.splice(0)) question.reject(error);
  }
}
