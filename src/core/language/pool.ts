import { z } from 'zod';
import { duration, help, name, pattern, socketAddress, word } from './field-forms.ts';
import { defineKind } from './kind.ts';
import { oneOf, unbuilt } from './unbuilt.ts';

/** How metrics are read; parsed from nothing it gives the defaults. */
export const scrape = z
  .strictObject({
    path: pattern('^/[!-~]{0,199}$', 'a path that starts with /')
      .default('/metrics')
      .meta(help({ title: 'Path', description: 'Where the engine serves its metrics.', example: '/metrics' })),
    interval: duration({
      title: 'Interval',
      description: 'How often each engine is read: 100ms to 1m.',
      example: '500ms',
    }).default('1s'),
  })
  .meta(help({ title: 'Scrape', description: 'Metrics are read over HTTP.', example: { interval: '500ms' } }));

const loadSource = oneOf(['scrape'], ['orca', 'push'], {
  title: 'Load source',
  description: 'Where the load comes from.',
  example: 'scrape',
});

const orca = z
  .strictObject({
    interval: duration({
      title: 'Interval',
      description: 'How often a report is asked for.',
      example: '1s',
    }).optional(),
  })
  .meta(help({ title: 'ORCA', description: 'The load comes with the answers.', example: { interval: '1s' } }));

const push = z
  .strictObject({
    staleAfter: duration({
      title: 'Stale after',
      description: 'How old a report may be.',
      example: '3s',
    }).optional(),
  })
  .meta(help({ title: 'Push', description: 'An agent beside the GPU sends the load.', example: { staleAfter: '3s' } }));

const endpoints = z
  .strictObject({
    static: z
      .array(socketAddress())
      .min(1)
      .max(1024)
      .optional()
      .meta(
        help({
          title: 'Static endpoints',
          description: 'Addresses as ip:port, IPv6 in brackets.',
          example: ['10.0.0.11:8000', '[fd00::11]:8000'],
        }),
      ),
    dns: unbuilt(
      pattern('^[A-Za-z0-9.-]{1,253}:[0-9]{1,5}$', 'a host name and a port').meta(
        help({
          title: 'DNS',
          description: 'A name whose addresses are the servers.',
          example: 'llama.gpu.example:8000',
        }),
      ),
    ).optional(),
    file: unbuilt(
      pattern('^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$', 'a path below the root that the boot settings name').meta(
        help({ title: 'File', description: 'A file with one address a line.', example: 'pools/llama.txt' }),
      ),
    ).optional(),
    kubernetes: unbuilt(
      z
        .strictObject({
          namespace: name({ title: 'Namespace', description: 'Where the pool is.', example: 'inference' }),
          inferencePool: name({ title: 'InferencePool', description: 'The name of the pool.', example: 'llama' }),
        })
        .meta(
          help({
            title: 'Kubernetes',
            description: 'An InferencePool.',
            example: { namespace: 'inference', inferencePool: 'llama' },
          }),
        ),
    ).optional(),
  })
  .meta(
    help({
      title: 'Endpoints',
      description: 'The servers, given in one way.',
      example: { static: ['10.0.0.11:8000'] },
    }),
  );

export const pool = defineKind({
  kind: 'Pool',
  description: 'Own GPU servers that serve the same models.',
  example: {
    apiVersion: 'headgate.dev/v1',
    kind: 'Pool',
    metadata: { name: 'llama-h100' },
    spec: { engine: 'vllm', accelerator: 'h100', endpoints: { static: ['10.0.0.11:8000'] }, load: ['scrape'] },
  },
  spec: z
    .strictObject({
      engine: oneOf(['vllm', 'sglang', 'tgi', 'tensorrt-llm'], ['llama-cpp', 'ollama'], {
        title: 'Engine',
        description: 'What runs on the servers: it names the metrics.',
        example: 'vllm',
      }),
      accelerator: word({ title: 'Accelerator', description: 'The kind of GPU.', example: 'h100' }).optional(),
      region: word({ title: 'Region', description: 'Where the servers stand.', example: 'eu' }).optional(),
      endpoints,
      load: z
        .union([
          z.array(loadSource).min(1).max(3),
          z.strictObject({ scrape: scrape.optional(), orca: unbuilt(orca).optional(), push: unbuilt(push).optional() }),
        ])
        .optional()
        .meta(
          help({
            title: 'Load',
            description:
              'How the load is read, beside our own ledger of requests in flight. Default: by the ledger alone.',
            example: ['scrape'],
          }),
        ),
      schedule: z
        .strictObject({
          profile: z
            .enum(['ledger'])
            .default('ledger')
            .meta(help({ title: 'Profile', description: 'How a server is chosen.', example: 'ledger' })),
        })
        .prefault({})
        .meta(help({ title: 'Schedule', description: 'How a server is chosen.', example: { profile: 'ledger' } })),
      drain: unbuilt(
        duration({
          title: 'Drain',
          description: 'How long a server that leaves may finish what it works on.',
          example: '2m',
        }),
      ).optional(),
    })
    .meta(
      help({
        title: 'Pool',
        description: 'The servers.',
        example: { engine: 'vllm', endpoints: { static: ['10.0.0.11:8000'] } },
      }),
    ),
});
