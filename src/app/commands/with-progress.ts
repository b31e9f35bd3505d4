/** Where progress goes: standard error, so that what is piped onward stays clean. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Work that takes less needs no word. */
const TICK_MS = 1_000;
/** Back to the first column, and the line cleared. */
const CLEAR_LINE = '\r\u001b[K';

/** The outcome of the work. While it takes, a terminal shows a line that counts the seconds, and is gone afterwards. */
export async function withProgress<T>(
  what: string,
  work: Promise<T>,
  stream: ProgressStream = process.stderr,
): Promise<T> {
  if (stream.isTTY !== true) return await work;
  let seconds = 0;
  const timer = setInterval(() => {
    seconds += TICK_MS / 1_000;
    stream.write(`${CLEAR_LINE}${what} ... ${seconds} s`);
  }, TICK_MS);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    if (seconds > 0) stream.write(CLEAR_LINE);
  }
}
