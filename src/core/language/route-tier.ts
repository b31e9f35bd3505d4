import { z } from 'zod';
import { duration, help, modelName, name } from './field-forms.ts';
import { oneOf } from './unbuilt.ts';

const offers = z
  .array(name({ title: 'Offer', description: 'The name of an offer of the model.', example: 'own' }))
  .min(1)
  .max(64)
  .meta(
    help({
      title: 'Offers',
      description: 'Offers of the model by name. Default: all of them.',
      example: ['own', 'oai'],
    }),
  );

const arm = z
  .strictObject({
    model: modelName({ title: 'Model', description: 'The model of this arm.', example: 'chat-next' }),
    offers: offers.optional(),
    weight: z
      .int()
      .min(1)
      .max(1_000_000)
      .meta(help({ title: 'Weight', description: 'Its share, beside the weights of the other arms.', example: 20 })),
  })
  .meta(
    help({
      title: 'Arm',
      description: 'A part of the traffic and its model.',
      example: { model: 'chat-next', offers: ['own'], weight: 20 },
    }),
  );

export const tier = z
  .strictObject({
    split: z
      .array(arm)
      .min(1)
      .max(32)
      .optional()
      .meta(
        help({
          title: 'Split',
          description: 'Weights over models, sticky by conversation. In place of `offers` and `model`.',
          example: [
            { model: 'chat-small', weight: 80 },
            { model: 'chat-next', weight: 20 },
          ],
        }),
      ),
    model: modelName({
      title: 'Model',
      description: 'Serve this model. Default: the one that was asked for.',
      example: 'chat-small',
    }).optional(),
    offers: offers.optional(),
    order: oneOf(['listed', 'price', 'load'], ['latency'], {
      title: 'Order',
      description: 'Which offer is tried first: as listed, the cheapest, or the least loaded.',
      example: 'price',
    }).default('listed'),
    until: z
      .strictObject({
        wait: duration({ title: 'Wait', description: 'The longest predicted wait: 1ms to 24h.', example: '2s' }),
      })
      .optional()
      .meta(
        help({
          title: 'Until',
          description: 'When the tier is left for the next one although it is healthy.',
          example: { wait: '2s' },
        }),
      ),
  })
  .meta(
    help({
      title: 'Tier',
      description: 'A set of offers; the next tier is used when none of them can serve.',
      example: { offers: ['own'], until: { wait: '2s' } },
    }),
  );
