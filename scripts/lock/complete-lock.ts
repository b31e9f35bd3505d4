/** One entry of `packages` in package-lock.json; only what completion reads or writes. */
export interface LockEntry {
  readonly version?: string;
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly dev?: boolean;
  readonly license?: string;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export type LockPackages = Readonly<Record<string, LockEntry>>;

const OPERATING_SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'win32'];
const PROCESSORS = ['arm64', 'aarch64', 'arm', 'armv7', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64'];

/** What npm calls the processors that package names spell in another way. */
const NPM_PROCESSOR: Readonly<Record<string, string>> = { aarch64: 'arm64', armv7: 'arm' };

/**
 * The entries that a lock file lacks: optional packages for other platforms, which npm leaves out of a lock file when
 * the registry it asked does not carry them, after which `npm ci` refuses that lock file everywhere. An entry without
 * integrity is enough for npm to know the package and to pass it over: it is for another platform than ours.
 * Throws for a missing package that is not, by its name, one for another platform.
 */
export function missingPlatformEntries(packages: LockPackages): Record<string, LockEntry> {
  const missing: Record<string, LockEntry> = {};
  for (const [path, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!isInstalledFor(path, name, packages)) missing[`node_modules/${name}`] = platformEntry(name, version, entry);
    }
  }
  return missing;
}

function isInstalledFor(path: string, name: string, packages: LockPackages): boolean {
  const candidates = [`${path}/node_modules/${name}`, `node_modules/${name}`];
  return candidates.some((candidate) => packages[candidate] !== undefined);
}

function platformEntry(name: string, version: string, parent: LockEntry): LockEntry {
  const words = name.replace(/^@[^/]*\//, '').split('-');
  const os = words.find((word) => OPERATING_SYSTEMS.includes(word));
  const processor = words.find((word) => PROCESSORS.includes(word));
  if (os === undefined || processor === undefined || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Error(`package-lock.json lacks ${name}@${version}, and that is no package for one platform`);
  }
  const libc = os === 'linux' ? [words.some((word) => word.startsWith('musl')) ? 'musl' : 'glibc'] : undefined;
  return {
    version,
    cpu: [NPM_PROCESSOR[processor] ?? processor],
    ...(parent.dev === true ? { dev: true } : {}),
    ...(libc === undefined ? {} : { libc }),
    ...(parent.license === undefined ? {} : { license: parent.license }),
    optional: true,
    os: [os],
  };
}

/** What is wrong with a lock file as the pin of everything that `scripts/setup` installs; empty where nothing is. */
export function lockFindings(packages: LockPackages): string[] {
  const findings = Object.keys(missingPlatformEntries(packages)).map(
    (path) => `${path} is missing, so npm ci refuses the file: run scripts/lock/update`,
  );
  for (const [path, entry] of Object.entries(packages)) {
    if (path !== '' && entry.integrity === undefined && isForOurPlatform(entry))
      findings.push(`${path} has no integrity`);
  }
  return findings;
}

function isForOurPlatform(entry: LockEntry): boolean {
  const { os = ['linux'], cpu = ['x64'], libc = ['glibc'] } = entry;
  return os.includes('linux') && cpu.includes('x64') && libc.includes('glibc');
}
