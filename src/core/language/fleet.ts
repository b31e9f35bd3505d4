import { z } from 'zod';
import { help, name, pattern, word } from './field-forms.ts';
import { defineKind } from './kind.ts';

const listener = z
  .strictObject({
    name: name({ title: 'Name', description: 'The name of the listener in its fleet.', example: 'api' }),
    address: pattern('^[0-9A-Fa-f.:]{2,45}$', 'an IP address')
      .default('0.0.0.0')
      .meta(
        help({
          title: 'Address',
          description: 'The IP address to listen on. Default: every one.',
          example: '127.0.0.1',
        }),
      ),
    port: z
      .int()
      .min(1)
      .max(65_535)
      .meta(
        help({ title: 'Port', description: "A single proxy's own port comes from its bootstrap.", example: 10000 }),
      ),
  })
  .meta(help({ title: 'Listener', description: 'Where clients connect.', example: { name: 'api', port: 10000 } }));

export const fleet = defineKind({
  kind: 'Fleet',
  description: 'Which proxies: a set of Envoys that share one configuration.',
  example: {
    apiVersion: 'headgate.dev/v1',
    kind: 'Fleet',
    metadata: { name: 'edge' },
    spec: { match: { cluster: 'edge' }, listeners: [{ name: 'api', port: 10000 }] },
  },
  unbuilt: {
    keys: ['spec.rollout', 'spec.features', 'spec.listeners.*.tls', 'spec.listeners.*.hosts'],
    values: {},
  },
  spec: z
    .strictObject({
      match: z
        .strictObject({
          cluster: word({ title: 'Cluster', description: "Envoy's `node.cluster`.", example: 'edge' }),
        })
        .meta(
          help({ title: 'Match', description: 'Which proxies belong to the fleet.', example: { cluster: 'edge' } }),
        ),
      listeners: z
        .array(listener)
        .min(1)
        .max(32)
        .meta(
          help({ title: 'Listeners', description: 'Where clients connect.', example: [{ name: 'api', port: 10000 }] }),
        ),
    })
    .meta(
      help({
        title: 'Fleet',
        description: 'The proxies.',
        example: { match: { cluster: 'edge' }, listeners: [{ name: 'api', port: 10000 }] },
      }),
    ),
});
