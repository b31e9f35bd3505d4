/**
 * Whether two values say the same as JSON: order of keys does not count, and a member that is `undefined` is absent.
 * Members for which `isLeftOut` is true are passed over, at any depth. As equal texts of `canonicalJson`, without them.
 */
export function sameJson(
  left: unknown,
  right: unknown,
  isLeftOut: (key: string, member: unknown) => boolean = () => false,
): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    const areLists = Array.isArray(left) && Array.isArray(right) && left.length === right.length;
    return areLists && left.every((item, index) => sameJson(item, right[index], isLeftOut));
  }
  const [before, after] = [left as Members, right as Members];
  const told = (members: Members) => (key: string) => members[key] !== undefined && !isLeftOut(key, members[key]);
  const keys = Object.keys(before).filter(told(before));
  if (keys.length !== Object.keys(after).filter(told(after)).length) return false;
  return keys.every((key) => Object.hasOwn(after, key) && sameJson(before[key], after[key], isLeftOut));
}

type Members = Readonly<Record<string, unknown>>;
