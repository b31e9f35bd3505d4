import { z } from 'zod';
import { help, modelName, name, pattern, word } from './field-forms.ts';
import { defineKind } from './kind.ts';

/** Above any real window, and far below where a product with a price loses digits. */
const TOKENS_MAX = 100_000_000;
/** USD per million tokens: a thousand times today's dearest. */
const PRICE_MAX = 1_000_000;

function price(title: string, description: string, example: number) {
  return z.number().min(0).max(PRICE_MAX).meta(help({ title, description, example }));
}

const offer = z
  .strictObject({
    name: name({ title: 'Name', description: 'The name of the offer in its model.', example: 'own' }),
    pool: name({ title: 'Pool', description: 'The own servers that serve it.', example: 'llama-h100' }).optional(),
    provider: name({ title: 'Provider', description: 'The account that serves it.', example: 'openai' }).optional(),
    upstreamModel: pattern('^[!-~]{1,200}$', 'printable ASCII without spaces, 200 characters at most').meta(
      help({
        title: 'Upstream model',
        description: 'The name by which the pool or provider knows the model.',
        example: 'meta-llama/Llama-3.1-8B-Instruct',
      }),
    ),
    price: z
      .strictObject({
        input: price('Input', 'USD per million tokens of the prompt.', 0.15),
        cachedInput: price(
          'Cached input',
          'The same for tokens read from a cache. Default: the price of input.',
          0.075,
        ).optional(),
        output: price('Output', 'USD per million tokens of the answer.', 0.6),
      })
      .meta(help({ title: 'Price', description: 'USD per million tokens.', example: { input: 0.15, output: 0.6 } })),
  })
  .meta(
    help({
      title: 'Offer',
      description: 'The model at one pool or at one provider, at a price.',
      example: { name: 'own', pool: 'llama-h100', upstreamModel: 'llama-3.1-8b', price: { input: 0.04, output: 0.08 } },
    }),
  );

export const model = defineKind({
  kind: 'Model',
  description: 'A catalog entry: what clients may ask for, and where it can be had.',
  example: {
    apiVersion: 'headgate.dev/v1',
    kind: 'Model',
    metadata: { name: 'chat-small' },
    spec: {
      aliases: ['gpt-4o-mini'],
      context: 131072,
      capabilities: ['streaming', 'tools'],
      offers: [
        { name: 'own', pool: 'llama-h100', upstreamModel: 'llama-3.1-8b', price: { input: 0.04, output: 0.08 } },
      ],
    },
  },
  unbuilt: {
    keys: [
      'spec.lineage',
      'spec.lifecycle',
      'spec.modalities',
      'spec.offers.*.tier',
      'spec.offers.*.region',
      'spec.offers.*.validity',
      'spec.offers.*.price.reasoning',
      'spec.offers.*.price.currency',
    ],
    values: {},
  },
  spec: z
    .strictObject({
      aliases: z
        .array(modelName({ title: 'Alias', description: 'Another name for it.', example: 'gpt-4o-mini' }))
        .max(100)
        .default([])
        .meta(help({ title: 'Aliases', description: 'What clients may also ask for.', example: ['gpt-4o-mini'] })),
      class: word({ title: 'Class', description: 'The quality class, for policies.', example: 'standard' }).optional(),
      context: z
        .int()
        .min(1)
        .max(TOKENS_MAX)
        .meta(help({ title: 'Context', description: 'Tokens of prompt and answer together.', example: 131072 })),
      maxOutput: z
        .int()
        .min(1)
        .max(TOKENS_MAX)
        .optional()
        .meta(
          help({
            title: 'Maximum output',
            description: 'The most tokens of one answer. Default: what the context leaves.',
            example: 16384,
          }),
        ),
      capabilities: z
        .array(z.enum(['streaming', 'tools', 'jsonSchema', 'vision', 'reasoning']))
        .max(16)
        .default([])
        .meta(
          help({
            title: 'Capabilities',
            description: 'What the model can do; a request that needs another one is not sent to it.',
            example: ['streaming', 'tools'],
          }),
        ),
      offers: z
        .array(offer)
        .min(1)
        .max(64)
        .meta(
          help({
            title: 'Offers',
            description: 'Where the model can be had. A tier with `order: listed` tries them in this order.',
            example: [
              { name: 'oai', provider: 'openai', upstreamModel: 'gpt-4o-mini', price: { input: 0.15, output: 0.6 } },
            ],
          }),
        ),
    })
    .meta(
      help({
        title: 'Model',
        description: 'The catalog entry.',
        example: {
          context: 131072,
          offers: [
            { name: 'oai', provider: 'openai', upstreamModel: 'gpt-4o-mini', price: { input: 0.15, output: 0.6 } },
          ],
        },
      }),
    ),
});
