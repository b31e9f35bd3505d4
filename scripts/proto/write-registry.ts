/** Writes registry.js and registry.d.ts beside the generated files of a folder: node scripts/proto/write-registry.ts DIR */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { byCodeUnit } from '../../src/core/base/text-order.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('name the folder of the generated files');

/** Our own protocols: nothing of them is ever inside a resource of Envoy. */
const OURS = 'headgate/';

const modules = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('_pb.js') && !path.startsWith(OURS))
  .sort(byCodeUnit);
const symbol = (path: string): string => `file_${path.slice(0, -'_pb.js'.length).replaceAll(/[^a-z0-9]/g, '_')}`;

const head = '// Written by scripts/proto/write-registry.ts.\n';
const imports = modules.map((path) => `import { ${symbol(path)} } from './${path}';\n`).join('');
const list = modules.map((path) => `  ${symbol(path)},\n`).join('');
writeFileSync(join(folder, 'registry.js'), `${head}${imports}\nexport const files = [\n${list}];\n`);
writeFileSync(
  join(folder, 'registry.d.ts'),
  `${head}import type { DescFile } from '@bufbuild/protobuf';\n\n/** Every generated file of the Envoy API. */\nexport declare const files: readonly DescFile[];\n`,
);
