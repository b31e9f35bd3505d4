import type { Log } from '../log.ts';
import type { SecretSource } from './boot-settings.ts';
import { type FoundValue, findValue } from './value-source.ts';

/** The values of all secrets. An empty one is not there: providers refuse it, and Envoy answers with 401. */
export interface SecretReader {
  /** Reads them all anew. */
  readonly read: () => ReadonlyMap<string, string>;
  /** What the last read gave. */
  readonly values: () => ReadonlyMap<string, string>;
}

/**
 * An empty value revokes a key in the whole fleet, and takes the provider with it. So a value becomes empty when it was
 * found empty twice in a row (a file is empty while it is written), and one that cannot be read stays as it was.
 */
export function createSecretReader(
  sources: ReadonlyMap<string, SecretSource>,
  log: Pick<Log, 'warn'>,
  find: (source: SecretSource) => FoundValue = ({ from }) => findValue(from),
): SecretReader {
  let values: ReadonlyMap<string, string> = new Map();
  /** What is wrong with a secret since the last read, so that it is told once. */
  const troubles = new Map<string, string>();
  const isNew = (name: string, trouble: string): boolean => {
    const before = troubles.get(name);
    troubles.set(name, trouble);
    return before !== trouble;
  };
  const readOne = (name: string, source: SecretSource): string => {
    const last = values.get(name) ?? '';
    const found = find(source);
    if (found.kind === 'failed') {
      if (isNew(name, found.code)) log.warn({ secret: name, code: found.code }, 'secret not readable, its value stays');
      return last;
    }
    if (found.text !== '' || last === '') {
      troubles.delete(name);
      return found.text;
    }
    if (isNew(name, 'empty')) {
      log.warn({ secret: name }, 'secret is empty: its value goes if it stays so');
      return last;
    }
    return '';
  };
  const read = (): ReadonlyMap<string, string> => {
    values = new Map([...sources].map(([name, source]) => [name, readOne(name, source)]));
    return values;
  };
  return { read, values: () => values };
}
