/** A line that says what was expected and what came; none where nothing was expected, or where it came. */
export function different(what: string, expected: string | undefined, decided: string | undefined): string[] {
  if (expected === undefined || expected === decided) return [];
  return [`expected ${what}: ${expected || 'none'}, and it is: ${decided || 'none'}`];
}
