/** A public account that speaks OpenAI's API: where it is, and the variable in which people keep its key. */
export interface KnownAccount {
  readonly type: 'openai' | 'groq' | 'openai-compatible';
  /** Absent where the type brings it. */
  readonly endpoint?: string;
  readonly env: string;
  readonly host: string;
}

function compatible(endpoint: string, env: string): KnownAccount {
  return { type: 'openai-compatible', endpoint, env, host: new URL(endpoint).host };
}

/** By the words that other gateways have for them. */
export const KNOWN_ACCOUNTS: Readonly<Record<string, KnownAccount>> = {
  openai: { type: 'openai', env: 'OPENAI_API_KEY', host: 'api.openai.com' },
  groq: { type: 'groq', env: 'GROQ_API_KEY', host: 'api.groq.com' },
  mistral: compatible('https://api.mistral.ai/v1', 'MISTRAL_API_KEY'),
  deepseek: compatible('https://api.deepseek.com/v1', 'DEEPSEEK_API_KEY'),
  xai: compatible('https://api.x.ai/v1', 'XAI_API_KEY'),
  together_ai: compatible('https://api.together.xyz/v1', 'TOGETHERAI_API_KEY'),
  fireworks_ai: compatible('https://api.fireworks.ai/inference/v1', 'FIREWORKS_AI_API_KEY'),
  openrouter: compatible('https://openrouter.ai/api/v1', 'OPENROUTER_API_KEY'),
  cerebras: compatible('https://api.cerebras.ai/v1', 'CEREBRAS_API_KEY'),
};

/** The account whose API is at this address, so that a type can stand for the address. */
export function knownAt(host: string): KnownAccount | undefined {
  return Object.values(KNOWN_ACCOUNTS).find((account) => account.host === host && account.type !== 'openai-compatible');
}
