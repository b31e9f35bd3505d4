import type { Finding } from '../check/finding.ts';
import { reachOf } from './core-folders.ts';
import type { Import, Target } from './read-imports.ts';

/** The few libraries that compute only. Each has its page in docs/adr. */
const CORE_LIBRARIES: readonly string[] = ['zod', 'yaml', '@bufbuild/protobuf', '@noble/hashes', 're2js'];

/** Of the core the simulator knows only what an engine's API looks like. */
const SIM_CORE_FOLDERS: readonly string[] = ['base', 'api'];

/** What folders of src/io share: how to observe, and how to listen. */
const SHARED_IO_FOLDERS: readonly string[] = ['telemetry', 'net'];

/** The part of the repository that a path belongs to, with its folder where the part is made of folders. */
interface Place {
  readonly part: string;
  readonly folder: string;
}

/** What the rules read of package.json. */
export interface Packages {
  readonly dependencies: Readonly<Record<string, string>>;
}

/** The imports that the house rules refuse. Test files beside the code are free of the folder rules. */
export function importFindings(imports: readonly Import[], packages: Packages): Finding[] {
  return imports.flatMap(({ from, line, to }) => {
    const message = isTest(from) ? undefined : refusal(placeOf(from), to, packages);
    return message === undefined ? [] : [{ file: from, line, message }];
  });
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts') || !path.startsWith('src/');
}

function placeOf(path: string): Place {
  const [top = '', part = '', folder = ''] = path.split('/');
  return top === 'src' ? { part: `src/${part}`, folder } : { part: top, folder: part };
}

function refusal(from: Place, to: Target, packages: Packages): string | undefined {
  switch (to.kind) {
    case 'builtin':
      return from.part === 'src/core' ? `the core has no I/O: ${to.name} is a Node built-in` : undefined;
    case 'package':
      return refusedPackage(from, to.name, packages);
    case 'file':
      return to.path.endsWith('.test.ts')
        ? 'a test file is imported by nobody'
        : refusedFile(from, placeOf(to.path), to.path);
  }
}

function refusedPackage(from: Place, name: string, { dependencies }: Packages): string | undefined {
  if (dependencies[name] === undefined) return `what ships imports only dependencies of package.json: ${name} is none`;
  if (from.part === 'src/core' && !CORE_LIBRARIES.includes(name)) {
    return `libraries of the core are ${CORE_LIBRARIES.join(', ')}: ${name} is none of them`;
  }
  return undefined;
}

function refusedFile(from: Place, to: Place, path: string): string | undefined {
  if (!to.part.startsWith('src/')) return `what ships imports nothing from ${to.part}/: ${path}`;
  if (to.part === 'src/gen') return undefined;
  switch (from.part) {
    case 'src/core':
      return refusedFromCore(from, to);
    case 'src/io':
      return refusedFromIo(from, to);
    case 'src/sim':
      return to.part === 'src/sim' || (to.part === 'src/core' && SIM_CORE_FOLDERS.includes(to.folder))
        ? undefined
        : `the simulator imports only itself and core/${SIM_CORE_FOLDERS.join(', core/')}: ${path}`;
    case 'src/app':
      return undefined;
    default:
      return `${from.part} has no line in the import rules`;
  }
}

function refusedFromCore(from: Place, to: Place): string | undefined {
  const reach = reachOf(from.folder);
  if (reach === undefined) return `core/${from.folder} has no line in the import rules`;
  if (to.part !== 'src/core') return `the core knows no ${to.part}`;
  if (reach.has(to.folder)) return undefined;
  return `core/${from.folder} may import of the core only ${[...reach].sort().join(', ')}: not ${to.folder}`;
}

function refusedFromIo(from: Place, to: Place): string | undefined {
  if (to.part === 'src/core') return undefined;
  if (to.part !== 'src/io') return `only src/app knows both sides: src/io does not import ${to.part}`;
  if (to.folder === from.folder || SHARED_IO_FOLDERS.includes(to.folder)) return undefined;
  return `folders of src/io do not import each other: io/${from.folder} imports io/${to.folder}`;
}
