/** What a certificate says its holder is: a subject alternative name (RFC 5280, 4.2.1.6). */
export interface CertificateName {
  readonly kind: 'DNS' | 'URI';
  readonly value: string;
}

/** `DNS:edge, URI:spiffe://prod/edge`: a value with anything unusual in it is a JSON text. */
const ALTERNATIVE_NAME = /([A-Za-z][A-Za-z ]*):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y;

/**
 * The DNS names and URIs of a certificate, from the text that TLS libraries give. Nothing of a text that is not wholly
 * understood: a name with a comma in it must not become two.
 */
export function certificateNames(subjectAlternativeName: string): CertificateName[] {
  const names: CertificateName[] = [];
  ALTERNATIVE_NAME.lastIndex = 0;
  let end = 0;
  while (end < subjectAlternativeName.length) {
    const match = ALTERNATIVE_NAME.exec(subjectAlternativeName);
    if (match === null) return [];
    end = ALTERNATIVE_NAME.lastIndex;
    const [, kind, text = ''] = match;
    const value = text.startsWith('"') ? unquoted(text) : text;
    if (value === undefined) return [];
    if (kind === 'DNS' || kind === 'URI') names.push({ kind, value });
  }
  return names;
}

function unquoted(text: string): string | undefined {
  try {
    return String(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Who may speak for a fleet: an exact name, or all that follow a prefix. */
export interface IdentityPattern {
  readonly kind: CertificateName['kind'];
  readonly text: string;
  readonly match: 'exact' | 'prefix' | 'one-label';
}

/** A label of a DNS name, as certificates carry it. */
const DNS_NAME = /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/i;
const URI_NAME = /^[a-z][a-z0-9+.-]*:\/\/[^\s*/]+(?:\/[^\s*]*)?\*?$/i;

/**
 * Reads a pattern: a DNS name (`edge-1.example.com`; `*.edge.example.com` is any name one label longer) or a URI, such as
 * a SPIFFE id (`spiffe://prod/edge`; `spiffe://prod/edge/*` is any below it). Undefined for what is neither: a `*` stands
 * nowhere else, so that a pattern ends where a name ends.
 */
export function identityPattern(text: string): IdentityPattern | undefined {
  if (DNS_NAME.test(text)) {
    const isWildcard = text.startsWith('*.');
    const name = text.toLowerCase();
    return { kind: 'DNS', text: isWildcard ? name.slice(1) : name, match: isWildcard ? 'one-label' : 'exact' };
  }
  if (!URI_NAME.test(text)) return undefined;
  if (!text.endsWith('*')) return { kind: 'URI', text, match: 'exact' };
  return text.endsWith('/*') ? { kind: 'URI', text: text.slice(0, -1), match: 'prefix' } : undefined;
}

export function isIdentity({ kind, value }: CertificateName, pattern: IdentityPattern): boolean {
  if (kind !== pattern.kind) return false;
  const name = kind === 'DNS' ? value.toLowerCase() : value;
  switch (pattern.match) {
    case 'exact':
      return name === pattern.text;
    case 'prefix':
      return name.startsWith(pattern.text) && name.length > pattern.text.length;
    case 'one-label':
      return name.endsWith(pattern.text) && isOneLabel(name.slice(0, -pattern.text.length));
  }
}

function isOneLabel(text: string): boolean {
  return text !== '' && text !== '*' && !text.includes('.');
}
