import { afterAll, beforeAll, expect, test } from 'vitest';
import { present } from '../../src/core/base/assert.ts';
import { describeWithTool } from '../support/require-tool.ts';
import { shownCommands, shownFiles } from './fenced-blocks.ts';
import { ShellLab } from './shell-lab.ts';

const PAGE = 'docs/testing.md';

/** What the Test document of the page is about. */
const CATALOG = `apiVersion: headgate.dev/v1
kind: Pool
metadata: { name: gpus }
spec: { engine: vllm, region: eu, endpoints: { static: [ "10.0.0.1:8000", "10.0.0.2:8000" ] } }
---
apiVersion: headgate.dev/v1
kind: Provider
metadata: { name: corp }
spec: { type: openai-compatible, endpoint: "https://llm.corp.example/v1", region: eu, retention: zero }
---
apiVersion: headgate.dev/v1
kind: Model
metadata: { name: chat }
spec:
  context: 10000
  capabilities: [ streaming ]
  offers:
    - { name: own, pool: gpus, upstreamModel: chat-8b, price: { input: 0.04, output: 0.08 } }
    - { name: corp, provider: corp, upstreamModel: chat-8b, price: { input: 0.05, output: 0.10 } }
---
apiVersion: headgate.dev/v1
kind: Team
metadata: { name: red }
spec: { models: [ chat ] }
---
apiVersion: headgate.dev/v1
kind: Route
metadata: { name: chat }
spec:
  match: { models: [ chat ], teams: [ red ] }
  targets: [ { offers: [ own ] }, { offers: [ corp ] } ]
  retry: { attempts: 2, on: [ connect, reset ] }
  timeouts: { headers: 5s }
---
apiVersion: headgate.dev/v1
kind: Guardrail
metadata: { name: keys }
spec: { package: keys, stages: [ request, response ], detectors: [ secrets ] }
`;

const POLICY = `package keys

deny contains {"code": "secret-found"} if {
	some finding in input.findings
	finding.kind == "secret"
}
`;

describeWithTool('opa', 'the page about tests', (opa) => {
  let lab: ShellLab;
  beforeAll(() => {
    lab = new ShellLab([opa]);
    const [shown] = shownFiles(PAGE);
    lab.write('my-tree/tests/chat.yaml', present(shown, 'the Test document of the page').text);
    lab.write('my-tree/catalog.yaml', CATALOG);
    lab.write('my-tree/keys.rego', POLICY);
  });
  afterAll(() => lab.close());

  test('shows tests that hold, and notice what they should', async () => {
    const [command = ''] = shownCommands(PAGE);
    const { status, stdout, stderr } = await lab.run(command);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('\n6 passed, 0 failed\n');
    expect(stdout.split('\n').filter((line) => line.startsWith('  not noticed: '))).toEqual([]);
  });
});
