import { z } from 'zod';
import { headers, help, pattern, socketAddress, word } from './field-forms.ts';
import { unbuilt } from './unbuilt.ts';

function texts(title: string, description: string, example: string) {
  return z
    .array(pattern('^.{1,1000}$', 'a text of 1,000 characters at most').meta(help({ title, description, example })))
    .min(1)
    .max(100)
    .meta(help({ title, description, example: [example] }));
}

/** What a case must get. */
export const expectation = z
  .strictObject({
    offer: pattern('^[a-z0-9-]{1,63}/[a-z0-9-]{1,63}$', 'a model and an offer, such as chat-small/own')
      .optional()
      .meta(help({ title: 'Offer', description: 'The offer that is tried first.', example: 'chat-small/corp' })),
    denied: pattern('^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$', 'the code of a refusal')
      .optional()
      .meta(help({ title: 'Denied', description: 'The code of the refusal.', example: 'secret-found' })),
    endpoint: unbuilt(
      socketAddress().meta(
        help({ title: 'Endpoint', description: 'The engine that is tried first.', example: '10.0.0.11:8000' }),
      ),
    ).optional(),
    headers: unbuilt(
      headers({
        title: 'Headers',
        description: 'Headers of the answer.',
        example: { 'headgate-model': 'chat-small' },
      }),
    ).optional(),
    redactions: unbuilt(
      z
        .array(word({ title: 'Redaction', description: 'The rule of a finding.', example: 'aws-access-key' }))
        .max(100)
        .meta(help({ title: 'Redactions', description: 'What is taken out.', example: ['aws-access-key'] })),
    ).optional(),
    neverVisible: unbuilt(
      texts('Never visible', 'Text that the client may not see, whatever the chunks.', '{{sample card}}'),
    ).optional(),
  })
  .meta(
    help({
      title: 'Expectation',
      description: 'What must come out: an offer or a refusal.',
      example: { offer: 'chat-small/own' },
    }),
  );

/** What the model answers in a case. */
export const answer = z
  .strictObject({
    chunks: texts('Chunks', 'The pieces of the answer.', 'the card is {{sample card}}'),
    cut: z
      .enum(['listed', 'every'])
      .default('listed')
      .meta(help({ title: 'Cut', description: 'Cut as listed, or once at every character.', example: 'every' })),
  })
  .meta(help({ title: 'Answer', description: 'What the model answers.', example: { chunks: ['hello'] } }));
