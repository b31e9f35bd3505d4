import { z } from 'zod';
import { duration, help, pattern, percent } from './field-forms.ts';

const COUNT_MAX = 1_000_000;

function points(title: string, description: string) {
  return pattern('^[0-9]{1,3}(\\.[0-9]{1,3})?pp$', 'percentage points, such as 1pp').meta(
    help({ title, description, example: '1pp' }),
  );
}

function count(title: string, description: string, example: number) {
  return z.int().min(0).max(COUNT_MAX).meta(help({ title, description, example }));
}

/** How a commit reaches the proxies of a fleet. */
export const rollout = z
  .strictObject({
    waves: z
      .array(
        z
          .union([
            count('Proxies', 'A number of proxies.', 1),
            percent({ title: 'Share', description: 'A share of the proxies.', example: '50%' }),
          ])
          .meta(help({ title: 'Wave', description: 'Proxies that have it after this wave.', example: '50%' })),
      )
      .min(1)
      .max(16)
      .meta(help({ title: 'Waves', description: 'In order; the last one is all.', example: [1, '50%', '100%'] })),
    bake: z
      .strictObject({
        time: duration({ title: 'Time', description: 'How long a wave is watched.', example: '5s' }).optional(),
        requests: count('Requests', 'How many requests a wave must have seen.', 50).optional(),
      })
      .optional()
      .meta(help({ title: 'Bake', description: 'What comes before the next wave.', example: { time: '5s' } })),
    gates: z
      .strictObject({
        nacks: count('NACKs', 'Proxies that may refuse it.', 0).optional(),
        errorRateRise: points('Error rate', 'How much the share of errors may rise.').optional(),
        denyRateRise: points('Deny rate', 'How much the share of refusals may rise.').optional(),
        firstTokenP99Rise: percent({
          title: 'First token',
          description: 'How much the 99th percentile to the first token may rise.',
          example: '20%',
        }).optional(),
        costRise: percent({
          title: 'Cost',
          description: 'How much a request may cost more.',
          example: '10%',
        }).optional(),
      })
      .optional()
      .meta(help({ title: 'Gates', description: 'What freezes the commit.', example: { nacks: 0 } })),
  })
  .meta(help({ title: 'Rollout', description: 'How a commit reaches the proxies.', example: { waves: [1, '100%'] } }));
