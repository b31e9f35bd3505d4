import { z } from 'zod';
import { help, labels, modelName, name, pattern, word } from './field-forms.ts';

function condition(title: string, description: string, example: string) {
  const term = { title, description, example };
  return z
    .union([
      word(term),
      z
        .strictObject({ not: word({ title: 'Not', description: 'Any value but this one.', example }) })
        .meta(help({ title, description, example: { not: example } })),
    ])
    .meta(help({ title, description, example: { not: example } }));
}

const never = z
  .strictObject({
    offer: z
      .strictObject({
        region: condition('Region', 'Where the offer is.', 'eu').optional(),
        retention: condition('Retention', 'What it keeps.', 'zero').optional(),
        provider: condition('Provider', 'Who serves it.', 'openai').optional(),
        pool: condition('Pool', 'Which own servers serve it.', 'llama-h100').optional(),
      })
      .meta(help({ title: 'Offer', description: 'An offer with all of this.', example: { region: { not: 'eu' } } })),
  })
  .meta(
    help({ title: 'Never', description: 'What may not be reached.', example: { offer: { region: { not: 'eu' } } } }),
  );

const callers = z
  .strictObject({
    team: z
      .strictObject({
        name: name({ title: 'Name', description: 'One team.', example: 'red' }).optional(),
        labels: labels({
          title: 'Labels',
          description: 'Teams that carry all of these.',
          example: { residency: 'eu' },
        }).optional(),
      })
      .optional()
      .meta(help({ title: 'Team', description: 'Whose requests.', example: { labels: { residency: 'eu' } } })),
    model: modelName({ title: 'Model', description: 'Requests for one model.', example: 'chat-small' }).optional(),
  })
  .meta(help({ title: 'For', description: 'Which requests.', example: { team: { labels: { residency: 'eu' } } } }));

/** A rule that is to hold for every request of the tree, on any failover path, load or policy result. */
export const proof = z
  .strictObject({
    name: pattern('^[^\\p{Cc}\\p{Cs}]{1,200}$', 'one line of 200 characters at most').meta(
      help({ title: 'Name', description: 'What must hold, in words.', example: 'eu teams stay in the eu' }),
    ),
    for: callers,
    never,
  })
  .meta(
    help({
      title: 'Proof',
      description: 'What can never happen.',
      example: {
        name: 'eu teams stay in the eu',
        for: { team: { labels: { residency: 'eu' } } },
        never: { offer: { region: { not: 'eu' } } },
      },
    }),
  );
