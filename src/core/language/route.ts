import { z } from 'zod';
import { duration, help, modelName, name, percent, size } from './field-forms.ts';
import { defineKind } from './kind.ts';
import { match, require } from './route-match.ts';
import { tier } from './route-tier.ts';
import { unbuilt } from './unbuilt.ts';

/** More tries than this only lengthen an outage. */
const ATTEMPTS_MAX = 8;

/** When an attempt is followed by the next one. */
export const retryWord = z.literal(['connect', 'reset', '5xx', '429', 429, 'timeout']);

const retry = z
  .strictObject({
    attempts: z
      .int()
      .min(1)
      .max(ATTEMPTS_MAX)
      .default(3)
      .meta(help({ title: 'Attempts', description: 'Upstream tries in all, over all tiers.', example: 4 })),
    on: z
      .array(retryWord)
      .min(1)
      .max(5)
      .default(['connect', 'reset', '5xx', '429', 'timeout'])
      .meta(
        help({
          title: 'On',
          description:
            'What is followed by another try; nothing is, once the headers of the answer went to the client.',
          example: ['connect', 'reset', '5xx', 429],
        }),
      ),
  })
  .prefault({})
  .meta(help({ title: 'Retry', description: 'When to try again.', example: { attempts: 4 } }));

const timeouts = z
  .strictObject({
    headers: duration({
      title: 'Headers',
      description: 'To the headers of the answer, per try of a streamed request.',
      example: '10s',
    }).default('10s'),
    answer: duration({
      title: 'Answer',
      description: 'To the whole answer, per try of a plain request.',
      example: '2m',
    }).default('2m'),
    idle: duration({ title: 'Idle', description: 'Between two pieces of an answer.', example: '60s' }).default('60s'),
    total: duration({ title: 'Total', description: 'For all tries together.', example: '10m' }).default('10m'),
  })
  .prefault({})
  .meta(
    help({ title: 'Timeouts', description: 'How long each part may take: 10ms to 24h.', example: { headers: '5s' } }),
  );

export const route = defineKind({
  kind: 'Route',
  description: 'Who gets what: which requests it takes, and where they go.',
  example: {
    apiVersion: 'headgate.dev/v1',
    kind: 'Route',
    metadata: { name: 'chat' },
    spec: { match: { models: ['chat-small'], teams: ['*'] }, targets: [{ offers: ['own'] }, { offers: ['oai'] }] },
  },
  spec: z
    .strictObject({
      match,
      require,
      targets: z
        .array(tier)
        .min(1)
        .max(16)
        .meta(
          help({
            title: 'Targets',
            description: 'Tiers, tried in order.',
            example: [{ offers: ['own'], until: { wait: '2s' } }, { offers: ['oai'] }],
          }),
        ),
      retry,
      timeouts,
      body: z
        .strictObject({
          max: size({
            title: 'Maximum',
            description: 'The largest request body: 1KiB to 32MiB.',
            example: '8MiB',
          }).default('8MiB'),
        })
        .prefault({})
        .meta(help({ title: 'Body', description: 'Limits of the request body.', example: { max: '8MiB' } })),
      mirror: unbuilt(
        z
          .strictObject({
            model: modelName({ title: 'Model', description: 'The model that gets the copy.', example: 'chat-next' }),
            offer: name({ title: 'Offer', description: 'The offer that gets the copy.', example: 'own' }).optional(),
            share: percent({ title: 'Share', description: 'How many requests are copied.', example: '1%' }),
          })
          .meta(
            help({
              title: 'Mirror',
              description: 'A copy of some requests; its answer goes nowhere.',
              example: { model: 'chat-next', share: '1%' },
            }),
          ),
      ).optional(),
    })
    .meta(help({ title: 'Route', description: 'Who gets what.', example: { targets: [{ offers: ['own'] }] } })),
});
