import { z } from 'zod';
import { headers, help, labels, modelNameOrStar, nameOrStar, retention, word } from './field-forms.ts';

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
        'How long it may be kept, exactly as the provider says it; own pools keep nothing (zero). Default: any time.',
      example: 'zero',
    }).optional(),
  })
  .prefault({})
  .meta(
    help({
      title: 'Require',
      description: 'What an offer must be to serve a request of this route.',
      example: { regions: ['eu'] },
    }),
  );
