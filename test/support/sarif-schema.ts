/** A closed object: `required` of its members must be there, and a member that is not named is a mistake. */
function object(required: readonly string[], properties: Readonly<Record<string, object>>): object {
  return { type: 'object', required: [...required], properties, additionalProperties: false };
}

function list(items: object): object {
  return { type: 'array', items };
}

const text = { type: 'string', minLength: 1 };
/** RFC 3986, as far as its characters go. */
const uriReference = { type: 'string', pattern: "^(?:[\\w.~:/?#@!$&'()*+,;=-]|%[0-9A-F]{2})+$" };
const position = { type: 'integer', minimum: 1 };
const level = { enum: ['none', 'note', 'warning', 'error'] };
/** 3.11 and 3.12: `text` is wanted where there is no `id`. */
const message = object(['text'], { text });
/** 3.30. */
const region = object(['startLine'], {
  startLine: position,
  startColumn: position,
  endLine: position,
  endColumn: position,
});
/** 3.4. */
const artifactLocation = object(['uri'], { uri: uriReference, uriBaseId: text });
/** 3.28 and 3.29. */
const location = object(['physicalLocation'], {
  physicalLocation: object(['artifactLocation'], { artifactLocation, region }),
  message,
});
/** 3.55 to 3.57. */
const replacement = object(['deletedRegion'], {
  deletedRegion: region,
  insertedContent: object(['text'], { text: { type: 'string' } }),
});
const artifactChange = object(['artifactLocation', 'replacements'], {
  artifactLocation,
  replacements: { ...list(replacement), minItems: 1 },
});
const fix = object(['artifactChanges'], {
  description: message,
  artifactChanges: { ...list(artifactChange), minItems: 1 },
});
/** 3.27. */
const result = object(['message', 'ruleId', 'ruleIndex', 'level', 'locations'], {
  ruleId: text,
  ruleIndex: { type: 'integer', minimum: 0 },
  level,
  message,
  locations: { ...list(location), minItems: 1 },
  relatedLocations: { ...list(location), uniqueItems: true },
  fixes: { ...list(fix), uniqueItems: true },
  partialFingerprints: { type: 'object', additionalProperties: { type: 'string' } },
});
/** 3.49. */
const rule = object(['id'], {
  id: text,
  shortDescription: message,
  help: message,
  defaultConfiguration: object([], { level }),
});

/**
 * Static Analysis Results Interchange Format 2.1.0 (OASIS, errata 01), by its sections, as far as our reports use it: what
 * is required is required, and nothing else may stand there. Closed where the published schema is closed, which is
 * everywhere but in property bags.
 */
export const SARIF_SCHEMA = object(['version', 'runs'], {
  $schema: { type: 'string', pattern: '^https://[!-~]+$' },
  version: { const: '2.1.0' },
  runs: list(
    object(['tool'], {
      tool: object(['driver'], {
        driver: object(['name'], {
          name: text,
          semanticVersion: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+' },
          rules: { ...list(rule), uniqueItems: true },
        }),
      }),
      columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
      results: list(result),
    }),
  ),
});
