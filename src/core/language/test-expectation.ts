import { z } from 'zod';
import { duration, headers, help, pattern, socketAddress, word } from './field-forms.ts';
import { retryWord } from './route.ts';

function texts(title: string, description: string, example: string) {
  return z
    .array(pattern('^.{1,1000}$', 'a text of 1,000 characters at most').meta(help({ title, description, example })))
    .min(1)
    .max(100)
    .meta(help({ title, description, example: [example] }));
}

const offerId = pattern('^[a-z0-9-]{1,63}/[a-z0-9-]{1,63}$', 'a model and an offer, such as chat-small/own');

const ATTEMPTS_MAX = 100;

const retry = z
  .strictObject({
    attempts: z
      .int()
      .min(1)
      .max(ATTEMPTS_MAX)
      .optional()
      .meta(help({ title: 'Attempts', description: 'The tries in all, each engine counted.', example: 4 })),
    on: z
      .array(retryWord)
      .min(1)
      .max(5)
      .optional()
      .meta(
        help({
          title: 'On',
          description: 'What is followed by another try, all of it, in any order.',
          example: ['connect', 'reset'],
        }),
      ),
  })
  .meta(help({ title: 'Retry', description: 'What Envoy is told of tries.', example: { attempts: 4 } }));

const timeouts = z
  .strictObject({
    try: duration({
      title: 'Try',
      description: 'For one try: to the headers of a streamed answer, or to the whole of a plain one.',
      example: '10s',
    }).optional(),
    idle: duration({ title: 'Idle', description: 'Between two pieces of an answer.', example: '60s' }).optional(),
    total: duration({ title: 'Total', description: 'For all tries together.', example: '10m' }).optional(),
  })
  .meta(help({ title: 'Timeouts', description: 'How long Envoy is told to wait.', example: { total: '10m' } }));

/** What a case must get. */
export const expectation = z
  .strictObject({
    offer: offerId
      .optional()
      .meta(help({ title: 'Offer', description: 'The offer that is tried first.', example: 'chat-small/corp' })),
    denied: pattern('^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$', 'the code of a refusal')
      .optional()
      .meta(help({ title: 'Denied', description: 'The code of the refusal.', example: 'secret-found' })),
    endpoint: socketAddress()
      .meta(help({ title: 'Endpoint', description: 'The engine that is tried first.', example: '10.0.0.11:8000' }))
      .optional(),
    attempts: z
      .array(offerId.meta(help({ title: 'Offer', description: 'A model and its offer.', example: 'chat-small/own' })))
      .min(1)
      .max(100)
      .meta(
        help({
          title: 'Attempts',
          description: 'The offers that are tried, in order, each once.',
          example: ['chat-small/own', 'chat-small/corp'],
        }),
      )
      .optional(),
    retry: retry.optional(),
    timeouts: timeouts.optional(),
    headers: headers({
      title: 'Headers',
      description: 'Headers that headgate sets on the answer, by the offer that is tried first, or on a refusal.',
      example: { 'headgate-model': 'chat-small' },
    }).optional(),
    redactions: z
      .array(word({ title: 'Redaction', description: 'The rule of a finding.', example: 'aws-access-key' }))
      .max(100)
      .meta(
        help({
          title: 'Redactions',
          description: 'The rules of all findings that are taken out of the request and of the answer.',
          example: ['aws-access-key'],
        }),
      )
      .optional(),
    neverSent: texts('Never sent', 'Text that may not go upstream.', '{{sample card}}').optional(),
    neverVisible: texts(
      'Never visible',
      'Text that the client may not see, whatever the chunks. Wants an answer.',
      '{{sample card}}',
    ).optional(),
    text: z
      .string()
      .max(100_000)
      .meta(
        help({
          title: 'Text',
          description: 'What the client sees of the answer, all of it. Wants an answer.',
          example: 'the card is [redacted]',
        }),
      )
      .optional(),
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
