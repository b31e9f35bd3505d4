import { z } from 'zod';
import {
  type FieldHelp,
  headerName,
  headerValue,
  help,
  labels,
  modelName,
  name,
  pattern,
  word,
} from './field-forms.ts';

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

const MODEL = { title: 'Model', description: 'Whose offer it is.', example: 'chat-small' };
const HEADER = { title: 'Header', description: 'A value of the header.', example: 'gold' };
const askedModel = modelName(MODEL);

function notHelp(field: FieldHelp) {
  return help({ ...field, example: { not: field.example } });
}

function offerOf(title: string, description: string) {
  return z
    .strictObject({
      name: condition('Name', 'The name of the offer.', 'cloud').optional(),
      model: z
        .union([askedModel, z.strictObject({ not: askedModel }).meta(notHelp(MODEL))])
        .meta(help({ ...MODEL, example: { not: 'chat-small' } }))
        .optional(),
      region: condition('Region', 'Where the offer is.', 'eu').optional(),
      retention: condition('Retention', 'What it keeps.', 'zero').optional(),
      provider: condition('Provider', 'Who serves it.', 'openai').optional(),
      pool: condition('Pool', 'Which own servers serve it.', 'llama-h100').optional(),
    })
    .meta(help({ title, description, example: { region: { not: 'eu' } } }));
}

const never = z
  .strictObject({ offer: offerOf('Offer', 'An offer with all of this.') })
  .meta(
    help({ title: 'Never', description: 'What may not be reached.', example: { offer: { region: { not: 'eu' } } } }),
  );

const always = z
  .strictObject({
    offer: offerOf('Offer', 'Some try is at an offer with all of this.').optional(),
    first: offerOf('First', 'The first try is.').optional(),
    last: offerOf('Last', 'The last try is.').optional(),
  })
  .meta(
    help({
      title: 'Always',
      description: 'What the list of tries always holds, also when every engine of every pool is down.',
      example: { last: { provider: 'corp' } },
    }),
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
    headers: z
      .record(
        headerName(),
        z.union([headerValue(), z.strictObject({ not: headerValue().meta(help(HEADER)) }).meta(notHelp(HEADER))]),
      )
      .optional()
      .meta(
        help({
          title: 'Headers',
          description: 'Requests with these headers, or without these values; names in lower case.',
          example: { 'x-tier': 'gold' },
        }),
      ),
  })
  .meta(help({ title: 'For', description: 'Which requests.', example: { team: { labels: { residency: 'eu' } } } }));

/** A rule that is to hold for every request of the tree, on any failover path, load or policy result. */
export const proof = z
  .strictObject({
    name: pattern('^[^\\p{Cc}\\p{Cs}]{1,200}$', 'one line of 200 characters at most').meta(
      help({ title: 'Name', description: 'What must hold, in words.', example: 'eu teams stay in the eu' }),
    ),
    for: callers,
    never: never.optional(),
    always: always.optional(),
  })
  .meta(
    help({
      title: 'Proof',
      description: 'What can never happen, or always does: one of both.',
      example: {
        name: 'eu teams stay in the eu',
        for: { team: { labels: { residency: 'eu' } } },
        never: { offer: { region: { not: 'eu' } } },
      },
    }),
  );
