import { z } from 'zod';
import { headerName, help, name, pattern, retention, word } from './field-forms.ts';
import { defineKind } from './kind.ts';
import { oneOf, unbuilt } from './unbuilt.ts';

const BUILT_TYPES = ['openai', 'groq', 'openai-compatible'] as const;
const LATER_TYPES = [
  ...(['anthropic', 'gemini', 'azure-openai', 'bedrock', 'vertex', 'cerebras', 'together', 'fireworks'] as const),
  ...(['openrouter', 'mistral', 'ollama'] as const),
] as const;

/** Above the quota of any account. */
const QUOTA_MAX = 1_000_000_000_000;

function quota(title: string, example: number) {
  const description = 'What the account allows.';
  return z.int().min(1).max(QUOTA_MAX).meta(help({ title, description, example }));
}

/** Where a request goes and how it is signed when only the type is given. */
export const PROVIDER_DEFAULTS = {
  openai: 'https://api.openai.com/v1',
  groq: 'https://api.groq.com/openai/v1',
  'openai-compatible': undefined,
} as const;

export const provider = defineKind({
  kind: 'Provider',
  description: 'An upstream account: where it is, how it is signed in to, and what it promises about the data.',
  example: {
    apiVersion: 'headgate.dev/v1',
    kind: 'Provider',
    metadata: { name: 'openai' },
    spec: { type: 'openai', secret: 'openai-key', region: 'us', retention: '30d' },
  },
  spec: z
    .strictObject({
      type: oneOf(BUILT_TYPES, LATER_TYPES, {
        title: 'Type',
        description:
          'A known type brings the endpoint, the API and the way to sign; openai-compatible brings no endpoint.',
        example: 'openai',
      }),
      api: unbuilt(
        z
          .enum(['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini', 'bedrock-converse'])
          .meta(help({ title: 'API', description: 'The wire schema it speaks.', example: 'anthropic-messages' })),
      ).optional(),
      endpoint: pattern('^https?://[!-~]{1,500}$', 'a URL that starts with https://')
        .optional()
        .meta(
          help({
            title: 'Endpoint',
            description:
              'Where the API begins, with its base path. Default: the one of the type; openai-compatible must say it.',
            example: 'https://llm.corp.example/v1',
          }),
        ),
      secret: name({
        title: 'Secret',
        description: 'A name from the boot settings, which say where the key is and to which hosts it may go.',
        example: 'openai-key',
      }).optional(),
      authentication: z
        .strictObject({
          header: headerName()
            .default('authorization')
            .meta(help({ title: 'Header', description: 'The header that carries the key.', example: 'x-api-key' })),
          prefix: pattern('^[ -~]{0,40}$', 'printable ASCII, 40 characters at most')
            .default('Bearer ')
            .meta(
              help({ title: 'Prefix', description: 'What stands before the key in the header.', example: 'Bearer ' }),
            ),
        })
        .prefault({})
        .meta(
          help({
            title: 'Authentication',
            description: 'How the key is shown. Default: `Authorization: Bearer`.',
            example: { header: 'x-api-key', prefix: '' },
          }),
        ),
      tls: z
        .strictObject({
          authority: name({
            title: 'Authority',
            description: 'A certificate authority by its name in the boot settings. Default: those of the system.',
            example: 'corp-ca',
          }),
        })
        .optional()
        .meta(
          help({
            title: 'TLS',
            description: 'Whom to trust. Certificates are always verified.',
            example: { authority: 'corp-ca' },
          }),
        ),
      region: word({ title: 'Region', description: 'Where the data is processed.', example: 'eu' }).optional(),
      retention: retention({
        title: 'Retention',
        description: 'How long the provider keeps what it is sent: zero, or a number of days.',
        example: '30d',
      }).optional(),
      compliance: unbuilt(
        z
          .array(word({ title: 'Label', description: 'A promise that routes may require.', example: 'hipaa' }))
          .min(1)
          .max(32)
          .meta(help({ title: 'Compliance', description: 'What the account is approved for.', example: ['hipaa'] })),
      ).optional(),
      limits: unbuilt(
        z
          .strictObject({
            requestsPerMinute: quota('Requests per minute', 10_000).optional(),
            tokensPerMinute: quota('Tokens per minute', 2_000_000).optional(),
            concurrent: quota('Requests at once', 500).optional(),
          })
          .meta(
            help({
              title: 'Limits',
              description: 'The quota of the account.',
              example: { requestsPerMinute: 10000, tokensPerMinute: 2000000 },
            }),
          ),
      ).optional(),
    })
    .meta(help({ title: 'Provider', description: 'The account.', example: { type: 'openai', secret: 'openai-key' } })),
});
