import { z } from 'zod';
import { duration, help, labels, pattern, percent } from './field-forms.ts';

const COUNT_MAX = 1_000_000;
const WAVES_MAX = 16;

function points(title: string, description: string) {
  return pattern('^[0-9]{1,2}(\\.[0-9]{1,3})?pp$', 'percentage points, such as 1pp').meta(
    help({ title, description, example: '1pp' }),
  );
}

function count(title: string, description: string, example: number) {
  return z.int().min(0).max(COUNT_MAX).meta(help({ title, description, example }));
}

const wave = z
  .union([
    z
      .int()
      .min(1)
      .max(COUNT_MAX)
      .meta(help({ title: 'Proxies', description: 'A number of proxies.', example: 1 })),
    percent({ title: 'Share', description: 'A share of the proxies, rounded up.', example: '50%' }),
    z
      .strictObject({
        labels: labels({
          title: 'Labels',
          description: "What the proxies' bootstrap calls them, in the metadata `headgate.labels` of the node.",
          example: { ring: 'canary' },
        }),
      })
      .meta(
        help({
          title: 'Labelled proxies',
          description: 'All proxies with these labels.',
          example: { labels: { ring: 'canary' } },
        }),
      ),
  ])
  .meta(help({ title: 'Wave', description: 'Proxies that have it after this wave.', example: '50%' }));

const bake = z
  .strictObject({
    time: duration({
      title: 'Time',
      description: 'How long a wave is watched after its proxies have the commit. Default: 30s.',
      example: '5s',
    }).default('30s'),
    requests: count(
      'Requests',
      'How many requests the commit must have answered for its rates, costs and times to be judged. Default: 50.',
      50,
    ).default(50),
  })
  .meta(help({ title: 'Bake', description: 'What comes before the next wave.', example: { time: '5s' } }));

const gates = z
  .strictObject({
    nacks: count('NACKs', 'Proxies that may refuse it. Default: 0.', 0).default(0),
    ackTimeout: duration({
      title: 'Acknowledgement',
      description: 'How long a proxy of a wave may take to acknowledge it. Default: 60s.',
      example: '30s',
    }).default('60s'),
    errorRateRise: points('Error rate', 'How much the share of errors may rise.').optional(),
    denyRateRise: points('Deny rate', 'How much the share of refusals may rise.').optional(),
    firstTokenP99Rise: percent({
      title: 'First token',
      description: 'How much the 99th percentile to the first token may rise.',
      example: '20%',
    }).optional(),
    costRise: percent({
      title: 'Cost',
      description: 'How much a request may cost more on average.',
      example: '10%',
    }).optional(),
  })
  .meta(
    help({
      title: 'Gates',
      description: 'What stops the commit and takes it back, beside the revision before it.',
      example: { nacks: 0 },
    }),
  );

/** How a commit reaches the proxies of a fleet. */
export const rollout = z
  .strictObject({
    waves: z
      .array(wave)
      .min(1)
      .max(WAVES_MAX)
      .meta(help({ title: 'Waves', description: 'In order; the last one is 100%.', example: [1, '50%', '100%'] })),
    bake: bake.prefault({}),
    gates: gates.prefault({}),
  })
  .meta(
    help({
      title: 'Rollout',
      description:
        'How a commit reaches the proxies: by the rollout of the revision that serves, or its own in a new fleet. Default: all at once, stopped by a proxy that refuses it.',
      example: { waves: [1, '100%'] },
    }),
  );
