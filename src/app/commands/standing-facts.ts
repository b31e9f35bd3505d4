/** What stands at one time, by a name: what a change of is worth a line. An undefined fact does not stand. */
export type StandingFacts = readonly (readonly [string, string | undefined])[];

/** What is new or other than before, and what stands no more, a line for each. Of nothing before, all that stands. */
export function changedFacts(facts: StandingFacts, before: StandingFacts, gone: string): string[] {
  const told = defined(facts);
  const earlier = defined(before);
  const news = [...told].filter(([name, text]) => earlier.get(name) !== text).map(([name, text]) => `${name}: ${text}`);
  return [...news, ...[...earlier.keys()].filter((name) => !told.has(name)).map((name) => `${name}: ${gone}`)];
}

function defined(facts: StandingFacts): Map<string, string> {
  return new Map(facts.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const])));
}
