import { z } from 'zod';
import { day, help, modelName, name, pattern, word } from './field-forms.ts';
import { defineKind } from './kind.ts';
import { unbuilt } from './unbuilt.ts';

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
    tier: unbuilt(
      word({ title: 'Service tier', description: 'The service tier to ask for.', example: 'flex' }),
    ).optional(),
    region: unbuilt(
      word({ title: 'Region', description: 'Where it is served, if not where its target is.', example: 'eu' }),
    ).optional(),
    validity: unbuilt(
      z
        .strictObject({
          from: day({ title: 'From', description: 'The first day of the price.', example: '2027-01-01' }).optional(),
          until: day({ title: 'Until', description: 'Its last day.', example: '2027-06-30' }).optional(),
        })
        .meta(help({ title: 'Validity', description: 'When the offer holds.', example: { from: '2027-01-01' } })),
    ).optional(),
    price: z
      .strictObject({
        input: price('Input', 'USD per million tokens of the prompt.', 0.15),
        cachedInput: price(
          'Cached input',
          'The same for tokens read from a cache. Default: the price of input.',
          0.075,
        ).optional(),
        output: price('Output', 'USD per million tokens of the answer.', 0.6),
        reasoning: unbuilt(price('Reasoning', 'The same for hidden tokens of thought.', 0.6)).optional(),
        currency: unbuilt(
          pattern('^[A-Z]{3}$', 'three capital letters (ISO 4217)').meta(
            help({ title: 'Currency', description: 'The currency of these prices.', example: 'EUR' }),
          ),
        ).optional(),
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

export const CAPABILITIES = ['streaming', 'tools', 'jsonSchema', 'vision', 'reasoning'] as const;

const lifecycle = z
  .strictObject({
    deprecated: day({
      title: 'Deprecated',
      description: 'From this day on, routes and teams that name it are warned of.',
      example: '2027-01-01',
    }).optional(),
    sunset: day({
      title: 'Sunset',
      description: 'The last day on which its providers serve it.',
      example: '2027-06-30',
    }).optional(),
    replacement: modelName({
      title: 'Replacement',
      description: 'The model to use in its place.',
      example: 'chat-next',
    }).optional(),
  })
  .meta(
    help({
      title: 'Lifecycle',
      description: 'What `headgate validate` warns of; it changes no decision.',
      example: { sunset: '2027-06-30', replacement: 'chat-next' },
    }),
  );

function media(title: string, description: string) {
  return z
    .array(z.enum(['text', 'image', 'audio', 'video', 'document', 'embedding']))
    .min(1)
    .max(6)
    .meta(help({ title, description, example: ['text', 'image'] }));
}

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
        .array(z.enum(CAPABILITIES))
        .max(16)
        .default([])
        .meta(
          help({
            title: 'Capabilities',
            description: 'What the model can do; a request that needs another one is not sent to it.',
            example: ['streaming', 'tools'],
          }),
        ),
      modalities: unbuilt(
        z
          .strictObject({
            input: media('Input', 'What it reads.').optional(),
            output: media('Output', 'What it gives.').optional(),
          })
          .meta(
            help({ title: 'Modalities', description: 'What goes in and comes out.', example: { input: ['text'] } }),
          ),
      ).optional(),
      lineage: unbuilt(
        pattern('^[!-~]{1,200}$', 'printable ASCII without spaces, 200 characters at most').meta(
          help({ title: 'Lineage', description: 'The weights that it was made from.', example: 'llama-3.1-8b' }),
        ),
      ).optional(),
      lifecycle: lifecycle.optional(),
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
