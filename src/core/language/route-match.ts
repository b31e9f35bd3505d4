import { z } from 'zod';
import { headers, help, labels, modelNameOrStar, nameOrStar, pattern, retention, word } from './field-forms.ts';
import { CAPABILITIES } from './model.ts';
import { unbuilt } from './unbuilt.ts';

/** The dearest request that anybody makes costs far less. */
const COST_USD_MAX = 1_000_000;

function usd(title: string, description: string) {
  return z
    .number()
    .min(0)
    .max(COST_USD_MAX)
    .meta(help({ title, description, example: 0.5 }));
}

function words(title: string, description: string, example: string) {
  return z
    .array(word({ title, description: 'One of them.', example }))
    .min(1)
    .max(32)
    .meta(help({ title, description, example: [example] }));
}

export const match = z
  .strictObject({
    models: z
      .array(modelNameOrStar({ title: 'Model', description: 'A model, an alias, or "*".', example: 'chat-small' }))
      .min(1)
      .max(1000)
      .default(['*'])
      .meta(
        help({
          title: 'Models',
          description: 'The models that are asked for. Default: every one.',
          example: ['chat-small'],
        }),
      ),
    teams: z
      .array(nameOrStar({ title: 'Team', description: 'A team, "anonymous", or "*".', example: 'red' }))
      .min(1)
      .max(1000)
      .default(['*'])
      .meta(
        help({
          title: 'Teams',
          description: 'Who asks. "*" is every known team; callers without a key only where "anonymous" is listed.',
          example: ['red', 'blue'],
        }),
      ),
    labels: labels({
      title: 'Labels',
      description: 'Labels that the team must carry, all of them.',
      example: { residency: 'eu' },
    }).default({}),
    headers: headers({
      title: 'Headers',
      description: 'Request headers that must have exactly these values, all of them; names in lower case.',
      example: { 'x-tier': 'gold' },
    }).default({}),
    paths: unbuilt(
      z
        .array(
          pattern('^/[!-~]{0,199}$', 'a path that starts with /').meta(
            help({ title: 'Path', description: 'A path of the API.', example: '/v1/embeddings' }),
          ),
        )
        .min(1)
        .max(32)
        .meta(help({ title: 'Paths', description: 'Which endpoints.', example: ['/v1/embeddings'] })),
    ).optional(),
    risk: unbuilt(words('Risk', 'What a policy before the match said of the request.', 'high')).optional(),
    class: unbuilt(words('Class', 'The quality class of the model that is asked for.', 'standard')).optional(),
    latencyClass: unbuilt(
      z
        .enum(['interactive', 'batch'])
        .meta(help({ title: 'Latency class', description: 'How long the caller can wait.', example: 'batch' })),
    ).optional(),
    estimatedCostUsd: unbuilt(
      z
        .strictObject({
          atLeast: usd('At least', 'The estimate is this or more.').optional(),
          below: usd('Below', 'The estimate is less than this.').optional(),
        })
        .meta(
          help({
            title: 'Estimated cost',
            description: 'Input and asked maximum output at the first listed offer, in USD.',
            example: { atLeast: 0.5 },
          }),
        ),
    ).optional(),
  })
  .prefault({})
  .meta(
    help({
      title: 'Match',
      description:
        'Which requests the route takes. The most specific route wins: by model, then team, labels, headers.',
      example: { models: ['chat-small'], teams: ['*'] },
    }),
  );

export const require = z
  .strictObject({
    regions: z
      .array(word({ title: 'Region', description: 'A region of a pool or provider.', example: 'eu' }))
      .min(1)
      .max(100)
      .optional()
      .meta(
        help({ title: 'Regions', description: 'Where the data may go. Default: anywhere.', example: ['eu', 'us'] }),
      ),
    retention: retention({
      title: 'Retention',
      description:
        'How long it may be kept at most; own pools keep nothing (zero), and who does not say keeps it. Default: any time.',
      example: 'zero',
    }).optional(),
    maxPrice: unbuilt(
      z
        .strictObject({
          input: usd('Input', 'USD per million tokens of the prompt, at most.').optional(),
          output: usd('Output', 'USD per million tokens of the answer, at most.').optional(),
        })
        .meta(help({ title: 'Maximum price', description: 'What an offer may cost.', example: { output: 1 } })),
    ).optional(),
    capabilities: unbuilt(
      z
        .array(z.enum(CAPABILITIES))
        .min(1)
        .max(16)
        .meta(help({ title: 'Capabilities', description: 'What every model must be able to do.', example: ['tools'] })),
    ).optional(),
    compliance: unbuilt(words('Compliance', 'What the provider must be approved for.', 'hipaa')).optional(),
  })
  .prefault({})
  .meta(
    help({
      title: 'Require',
      description: 'What an offer must be to serve a request of this route.',
      example: { regions: ['eu'] },
    }),
  );
