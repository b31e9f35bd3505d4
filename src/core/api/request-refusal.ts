/** The body is JSON but no request that the API describes; caught at the reader's one public function. */
export class RequestRefusal extends Error {
  override readonly name = 'RequestRefusal';
}

/** The keys of one object until now: the first few in a list, since most objects have no more. */
export interface SeenKeys {
  readonly few: string[];
  many?: Set<string>;
}

const FEW_KEYS = 12;

/** A key that stands twice is refused: which of its values counts is up to each reader behind us. */
export function refuseTwice(seen: SeenKeys, key: string, where = ''): void {
  const again = seen.many === undefined ? seen.few.includes(key) : seen.many.has(key);
  if (again) throw new RequestRefusal(`"${key.slice(0, 40)}" stands twice${where}`);
  if (seen.many !== undefined) seen.many.add(key);
  else if (seen.few.length < FEW_KEYS) seen.few.push(key);
  else seen.many = new Set(seen.few).add(key);
}
