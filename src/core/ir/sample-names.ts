/** What `{{sample NAME}}` in the texts of a test may stand for: names of specimens that are made, well formed and worthless. */
export const SAMPLE_NAMES = [
  'aws-access-key',
  'github-token',
  'gitlab-token',
  'openai-key',
  'anthropic-key',
  'google-api-key',
  'slack-token',
  'stripe-key',
  'huggingface-token',
  'npm-token',
  'digitalocean-token',
  'jwt',
  'private-key',
  'card',
  'iban',
  'email',
] as const;

export type SampleName = (typeof SAMPLE_NAMES)[number];
