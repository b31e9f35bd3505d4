import { z } from 'zod';
import { headerName, help, name, pattern, retention, word } from './field-forms.ts';
import { defineKind } from './kind.ts';

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
  unbuilt: {
    keys: ['spec.limits', 'spec.api', 'spec.compliance'],
    values: {
      'spec.type': [
        'anthropic',
        'gemini',
        'azure-openai',
        'bedrock',
        'vertex',
        'cerebras',
        'together',
        'fireworks',
        'openrouter',
        'mistral',
        'ollama',
      ],
    },
  },
  spec: z
    .strictObject({
      type: z.enum(['openai', 'groq', 'openai-compatible']).meta(
        help({
          title: 'Type',
          description:
            'A known type brings the endpoint, the API and the way to sign; openai-compatible brings no endpoint.',
          example: 'openai',
        }),
      ),
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
    })
    .meta(help({ title: 'Provider', description: 'The account.', example: { type: 'openai', secret: 'openai-key' } })),
});
