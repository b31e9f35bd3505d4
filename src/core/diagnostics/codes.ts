export type Severity = 'error' | 'warning';

export interface CodeEntry {
  /** What is wrong, in a few words; the page docs/codes/<code>.md carries the same title. */
  readonly title: string;
  readonly severity: Severity;
  /** Whether the source line must not be shown. */
  readonly hidesSource?: boolean;
}

const error = (title: string): CodeEntry => ({ title, severity: 'error' });
const warning = (title: string): CodeEntry => ({ title, severity: 'warning' });

/**
 * Every code that headgate can print. 1xxx source and syntax, 2xxx shape, 3xxx references and meaning, 4xxx policy,
 * 5xxx compile and snapshot, 6xxx refused by Envoy, 7xxx request path. A code is never given a second meaning.
 */
export const CODES = {
  HG1001: error('not valid YAML'),
  HG1002: error('not UTF-8'),
  HG1003: warning('byte order mark'),
  HG1004: error('character that cannot be seen'),
  HG1005: error('file too large'),
  HG1006: error('key written twice'),
  HG1007: error('tab as indentation'),
  HG1008: error('YAML tag'),
  HG1009: error('YAML anchor or alias'),
  HG1010: error('YAML merge key'),
  HG1011: error('key that is not a plain text'),
  HG1012: error('nested too deep'),
  HG1013: error('YAML directive'),
  HG1014: error('too many files'),
  HG1015: warning('ignore line that matches nothing'),
  HG1016: error('entry that is no plain file'),
  HG1017: error('suppression that is not well-formed'),
  HG1018: error('suppression of an error'),
  HG1019: warning('suppression that has expired'),
  HG1020: warning('suppression of nothing'),

  HG2001: error('not a headgate document'),
  HG2002: error('unknown key'),
  HG2003: error('missing key'),
  HG2004: error('wrong type'),
  HG2005: error('value that is not one of the known ones'),
  HG2006: error('text of the wrong form'),
  HG2007: error('number out of range'),
  HG2008: error('too few or too many entries'),
  HG2009: error('unknown apiVersion'),
  HG2010: error('unknown kind'),
  HG2011: error('known but not built yet'),

  HG3001: error('name used twice'),
  HG3002: error('listed twice'),
  HG3003: error('star beside names'),
  HG3004: error('reserved name'),
  HG3005: error('duration or size out of range'),
  HG3101: error('unknown provider'),
  HG3102: error('unknown pool'),
  HG3103: error('unknown route'),
  HG3104: error('unknown team'),
  HG3105: error('unknown offer'),
  HG3106: error('unknown policy package'),
  HG3107: error('unknown model'),
  HG3108: error('unknown secret'),
  HG3109: error('unknown certificate authority'),
  HG3110: error('secret not allowed for this host'),
  HG3111: error('unknown engine address'),
  HG3112: error('unknown key'),
  HG3201: error('alias means two models'),
  HG3202: error('provider without an endpoint'),
  HG3203: error('key over plain http'),
  HG3204: error('endpoint that is not a usable URL'),
  HG3205: error('not an address'),
  HG3206: error('engine listed twice'),
  HG3207: error('offer without one target'),
  HG3208: error('more output than context'),
  HG3209: error('two keys with one hash'),
  HG3210: error('not a date'),
  HG3211: error('built-in package defined by the tree'),
  HG3212: error('cluster claimed by two fleets'),
  HG3213: error('listeners that clash'),
  HG3214: error('expectation that is not one thing'),
  HG3215: error('split beside offers'),
  HG3216: error('provider without a secret'),
  HG3217: error('TLS settings without TLS'),
  HG3218: { ...error('credential in the tree'), hidesSource: true },
  HG3219: error('pool without servers'),
  HG3220: error('replacements in a circle'),
  HG3221: error('sunset before deprecation'),
  HG3222: error('waves that do not rise to all'),
  HG3301: error('two routes tie'),
  HG3302: warning('route that never wins'),
  HG3303: warning('tier that nothing can serve'),
  HG3304: warning('capability that is lost on the way'),
  HG3305: warning('context that shrinks on the way'),
  HG3306: warning('tiers that fail together'),
  HG3307: warning('tier that repeats earlier ones'),
  HG3308: warning('failover that the name of the model prevents'),
  HG3309: warning('key that expires soon'),
  HG3310: warning('key that has expired'),
  HG3311: warning('model past its sunset'),
  HG3312: warning('deprecated model in use'),
  HG3313: warning('provider that seems to cost nothing'),
  HG3314: warning('guardrail that judges nothing'),

  HG4001: error('Rego that does not parse'),
  HG4002: error('Rego that does not compile'),
  HG4003: error('Rego type error'),
  HG4004: error('Rego variable that nothing binds'),
  HG4005: error('Rego that calls itself'),
  HG4006: error('Rego function that policies may not call'),
  HG4007: error('reserved Rego package'),
  HG4008: error('Rego package name that needs quotes'),
  HG4009: error('deciding rule that is not a set'),
  HG4010: error('too much Rego'),
  HG4011: error('deciding rule that is not built yet'),
  HG4012: error('policy that cannot be held back'),

  HG5001: error('test case that does not hold'),
  HG5201: error('rule that is not proved'),
  HG5202: warning('rule about nobody'),

  HG6001: error('refused by Envoy'),
  HG6002: error('tree without a fleet'),
  HG6003: error('fleet removed under its proxies'),
} satisfies Record<string, CodeEntry>;

export type Code = keyof typeof CODES;
