/** What an importer found, in our words and before it is written as documents. */
export interface Draft {
  readonly providers: Map<string, ProviderDraft>;
  readonly pools: Map<string, PoolDraft>;
  readonly models: Map<string, ModelDraft>;
  readonly routes: RouteDraft[];
  readonly fleets: FleetDraft[];
  /** By name: where the value comes from, and to which hosts it may go. Never a value. */
  readonly secrets: Map<string, SecretDraft>;
}

export interface ProviderDraft {
  readonly name: string;
  readonly type: 'openai' | 'groq' | 'openai-compatible';
  readonly endpoint?: string;
  readonly secret?: string;
}

export interface PoolDraft {
  readonly name: string;
  readonly addresses: string[];
}

export interface SecretDraft {
  readonly env: string;
  readonly hosts: Set<string>;
}

export interface ModelDraft {
  readonly name: string;
  readonly aliases: Set<string>;
  context?: number;
  maxOutput?: number;
  readonly capabilities: Set<string>;
  readonly offers: OfferDraft[];
}

export interface OfferDraft {
  readonly name: string;
  readonly provider?: string;
  readonly pool?: string;
  readonly upstreamModel: string;
  /** The tier that the source wants it in, lowest first; all the same where it says none. */
  readonly rank?: number;
  readonly price: { readonly input: number; readonly output: number; readonly cachedInput?: number };
}

export interface RouteDraft {
  readonly name: string;
  readonly models: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly targets: readonly TierDraft[];
  readonly attempts?: number;
  readonly answerSeconds?: number;
}

export interface TierDraft {
  readonly model?: string;
  readonly offers?: readonly string[];
  readonly order?: 'price' | 'load';
  readonly split?: readonly { readonly model: string; readonly weight: number }[];
}

export interface FleetDraft {
  readonly name: string;
  readonly listeners: readonly { readonly name: string; readonly port: number }[];
}

export function emptyDraft(): Draft {
  return { providers: new Map(), pools: new Map(), models: new Map(), routes: [], fleets: [], secrets: new Map() };
}

const LABEL_MAX = 63;

/** A DNS label that no other thing has: the text in lower case, other characters as `-`, a number where it is taken. */
export function freeLabel(text: string, isTaken: (label: string) => boolean): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  const base = plain === '' ? 'unnamed' : plain;
  for (let count = 1; ; count += 1) {
    const suffix = count === 1 ? '' : `-${count}`;
    const label = `${base.slice(0, LABEL_MAX - suffix.length).replace(/-+$/, '')}${suffix}`;
    if (!isTaken(label)) return label;
  }
}

/** The account with this type, endpoint and secret: the one that is there, or a new one named after `wanted`. */
export function providerOf(draft: Draft, wanted: string, account: Omit<ProviderDraft, 'name'>): string {
  for (const { name, ...known } of draft.providers.values()) {
    if (known.type === account.type && known.endpoint === account.endpoint && known.secret === account.secret)
      return name;
  }
  const name = freeLabel(wanted, (label) => draft.providers.has(label));
  draft.providers.set(name, { name, ...account });
  return name;
}

/** Notes that a secret goes to a host, and gives its name. */
export function secretOf(draft: Draft, env: string, host: string): string {
  const name = freeLabel(env, (label) => draft.secrets.has(label) && draft.secrets.get(label)?.env !== env);
  const secret = draft.secrets.get(name) ?? { env, hosts: new Set<string>() };
  secret.hosts.add(host);
  draft.secrets.set(name, secret);
  return name;
}

/** The model that the source calls so; clients may go on to call it so. */
export function modelOf(draft: Draft, called: string): ModelDraft {
  const known = draft.models.get(called);
  if (known !== undefined) return known;
  const taken = new Set([...draft.models.values()].map((other) => other.name));
  const name = freeLabel(called, (label) => taken.has(label));
  const aliases = new Set(name === called ? [] : [called]);
  const model: ModelDraft = { name, aliases, capabilities: new Set(), offers: [] };
  draft.models.set(called, model);
  return model;
}
