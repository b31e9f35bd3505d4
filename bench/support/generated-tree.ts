import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The text of each file by its path. */
export type GeneratedTree = ReadonlyMap<string, string>;

/** The smallest count for which every kind is there. */
const FILES_MIN = 100;
const ROUTES_PER_MODEL = 5;

/**
 * A valid tree with this many files of one document or policy each: half are routes, a tenth models, a twentieth
 * guardrails, the rest what those name, teams and keys. Equal counts give equal texts.
 */
export function generatedTree(fileCount: number): GeneratedTree {
  if (fileCount < FILES_MIN) throw new Error(`a generated tree has ${FILES_MIN} files at least`);
  const counts = {
    models: fileCount / 10,
    guardrails: fileCount / 20,
    policies: fileCount / 100,
    pools: fileCount / 100,
    providers: fileCount / 100,
    tests: fileCount / 50,
  };
  const files = new Map<string, string>();
  const document = (folder: string, kind: string, name: string, spec: string, labels = '') => {
    const text = `apiVersion: headgate.dev/v1\nkind: ${kind}\nmetadata: { name: ${name}${labels} }\nspec:\n${spec}\n`;
    files.set(`${folder}/${name}.yaml`, text);
  };
  document('fleets', 'Fleet', 'edge', '  match: { cluster: edge }\n  listeners: [ { name: api, port: 10000 } ]');
  for (const index of below(counts.pools)) document('pools', 'Pool', `pool-${index}`, poolSpec(index));
  for (const index of below(counts.providers)) document('providers', 'Provider', `cloud-${index}`, providerSpec(index));
  for (const index of below(counts.policies)) files.set(`policies/p${index}.rego`, policyText(index));
  for (const index of below(counts.models)) document('models', 'Model', `model-${index}`, modelSpec(index, counts));
  const teams = Math.ceil((fileCount - files.size - counts.models * ROUTES_PER_MODEL - counts.guardrails) / 2);
  const keys = fileCount - files.size - counts.models * ROUTES_PER_MODEL - counts.guardrails - teams - counts.tests;
  for (const index of below(teams)) {
    document('teams', 'Team', `team-${index}`, '  models: [ "*" ]', `, labels: { tier: ${TIERS[index % 3]} }`);
  }
  for (const index of below(keys)) document('keys', 'Key', `key-${index}`, keySpec(index, teams));
  for (const index of below(counts.models * ROUTES_PER_MODEL)) {
    document('routes', 'Route', `route-${index}`, routeSpec(index, teams));
  }
  for (const index of below(counts.guardrails)) {
    document('guardrails', 'Guardrail', `guardrail-${index}`, guardrailSpec(index, counts.policies));
  }
  for (const index of below(counts.tests)) document('tests', 'Test', `test-${index}`, testSpec(index, teams));
  return files;
}

export async function writeTree(folder: string, tree: GeneratedTree): Promise<void> {
  const folders = new Set([...tree.keys()].map((path) => dirname(join(folder, path))));
  for (const path of folders) await mkdir(path, { recursive: true });
  for (const [path, text] of tree) await writeFile(join(folder, path), text);
}

const TIERS = ['gold', 'silver', 'bronze'];

function below(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function poolSpec(index: number): string {
  const addresses = [1, 2, 3, 4].map((host) => `"10.${index >> 8}.${index & 255}.${host}:8000"`);
  return `  engine: vllm
  accelerator: h100
  region: ${index % 2 === 0 ? 'eu' : 'us'}
  endpoints:
    static: [ ${addresses.join(', ')} ]`;
}

function providerSpec(index: number): string {
  return `  type: openai-compatible
  endpoint: https://cloud-${index}.example/v1
  secret: cloud-${index}
  region: ${index % 2 === 0 ? 'eu' : 'us'}`;
}

function policyText(index: number): string {
  return `package guardrails.p${index}

# Refuses what the detectors found, and what team-${index} may not do.
deny contains {"code": "secret-found", "message": message} if {
	some finding in input.findings
	finding.kind == "secret"
	message := sprintf("the %s holds a %s", [input.stage, finding.rule])
}

deny contains {"code": "team-${index}", "message": "not for this team"} if {
	input.principal.team == "team-${index}"
	input.principal.labels.tier == "bronze"
}
`;
}

function modelSpec(
  index: number,
  { pools, providers }: { readonly pools: number; readonly providers: number },
): string {
  return `  aliases: [ alias-${index} ]
  class: standard
  context: 131072
  maxOutput: 16384
  capabilities: [ streaming, tools, jsonSchema ]
  offers:
    - { name: own, pool: pool-${index % pools}, upstreamModel: model-${index}-8b, price: { input: 0.04, output: 0.08 } }
    - name: cloud  # when the own engines are full
      provider: cloud-${index % providers}
      upstreamModel: cloud-${index}
      price: { input: 0.15, cachedInput: 0.075, output: 0.60 }`;
}

function keySpec(index: number, teams: number): string {
  return `  team: team-${index % teams}\n  hash: sha256:${createHash('sha256').update(`key ${index}`).digest('hex')}`;
}

/** One of each model's routes takes everybody, the others a team each. */
function routeSpec(index: number, teams: number): string {
  const isForAll = index % ROUTES_PER_MODEL === 0;
  return `  match: { models: [ model-${Math.floor(index / ROUTES_PER_MODEL)} ], teams: [ ${isForAll ? '"*"' : `team-${index % teams}`} ] }
  targets:  # tiers, tried in order
    - { offers: [ own ] }
    - { offers: [ cloud ] }
  retry: { attempts: 4, on: [ connect, reset, 5xx, 429, timeout ] }
  timeouts: { headers: 10s, answer: 2m, idle: 60s, total: 10m }
  body: { max: 8MiB }`;
}

function guardrailSpec(index: number, policies: number): string {
  return `  package: guardrails.p${index % policies}
  stages: [ request ]
  scope: { routes: [ route-${index * 2}, route-${index * 2 + 1} ] }
  detectors: [ secrets, card ]
  mode: enforce
  onError: deny`;
}

function testSpec(index: number, teams: number): string {
  return `  cases:
    - name: own engines come first
      principal: { team: team-${index % teams} }
      request: { model: model-${index}, promptTokens: 900 }
      expect: { offer: model-${index}/own }`;
}
