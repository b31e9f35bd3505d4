/** A bug in headgate: a state that the code proved impossible was reached. Nothing may catch it and carry on. */
export class AssertionFailure extends Error {
  override readonly name = 'AssertionFailure';
}

/** Stops on a bug. Never for a user's mistake (a diagnostic) nor for a failure of the world (a typed error). */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionFailure(message);
}

/** The value, which the caller knows to be there. */
export function present<T>(value: T | undefined | null, what: string): T {
  assert(value !== undefined && value !== null, `missing ${what}`);
  return value;
}

/** Ends a switch over a tagged union: the compiler refuses a call that a tag can still reach. */
export function unreachable(value: never): never {
  throw new AssertionFailure(`unreachable: ${JSON.stringify(value)}`);
}
