import { execFileSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

export type ToolName = 'envoy' | 'opa' | 'git';

/** What of the world decides where a tool is: the environment's variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

interface Tool {
  /** The variable that replaces the tool. */
  readonly variable: string;
  /** Where `scripts/setup` puts it, below the cache. The version is pinned in scripts/setup.d/pins.sh. */
  readonly cached?: string;
  /** The arguments that print the version, and what the text must match for a tool found on PATH. */
  readonly version: { readonly argv: readonly string[]; readonly accepted: RegExp };
  /** Ends the sentence "there is no <tool>: ...". */
  readonly remedy: string;
}

const TOOLS: Readonly<Record<ToolName, Tool>> = {
  envoy: {
    variable: 'HEADGATE_ENVOY',
    cached: 'envoy-1.40.0/envoy',
    version: { argv: ['--version'], accepted: /\/1\.40\.\d+\// },
    remedy: 'run scripts/setup, or set HEADGATE_ENVOY to an Envoy 1.40 binary',
  },
  opa: {
    variable: 'HEADGATE_OPA',
    cached: 'opa-1.22.0/opa',
    version: { argv: ['version'], accepted: /^Version: [1-9]\d*\./m },
    remedy: 'run scripts/setup, or set HEADGATE_OPA to an opa binary of version 1.0 or later',
  },
  git: {
    variable: 'HEADGATE_GIT',
    version: { argv: ['--version'], accepted: /^git version (?:[3-9]|2\.(?:[3-9]\d|\d{3,}))\b/ },
    remedy: 'install git 2.30 or later, or set HEADGATE_GIT to its binary',
  },
};

/** Long enough for a cold disk; a tool that cannot say its version in this time is not usable. */
const VERSION_TIMEOUT_MS = 5_000;

/** A program that headgate runs is not on this machine. The message says what to run or to set. */
export class ToolMissing extends Error {
  override readonly name = 'ToolMissing';
  readonly code = 'tool-missing';
  readonly tool: ToolName;

  constructor(tool: ToolName) {
    super(`there is no ${tool}: ${TOOLS[tool].remedy}`);
    this.tool = tool;
  }
}

/**
 * The path of a tool, or undefined where this machine has none that fits: the variable (HEADGATE_ENVOY, HEADGATE_OPA,
 * HEADGATE_GIT: taken as it is, so a path that is no executable gives undefined), then what `scripts/setup` installed
 * (`HEADGATE_CACHE`, else `headgate` below `XDG_CACHE_HOME`, else below `~/.cache`), then PATH where the version fits.
 */
export function toolPath(name: ToolName, environment: Environment = process.env): string | undefined {
  const tool = TOOLS[name];
  const replacement = environment[tool.variable];
  if (replacement !== undefined && replacement !== '') return isExecutable(replacement) ? replacement : undefined;
  if (tool.cached !== undefined) {
    const cached = join(cacheFolder(environment), tool.cached);
    if (isExecutable(cached)) return cached;
  }
  return onPath(name, environment).find((path) => versionFits(path, tool));
}

/** As toolPath, but throws ToolMissing where there is none. */
export function requiredTool(name: ToolName, environment: Environment = process.env): string {
  const path = toolPath(name, environment);
  if (path === undefined) throw new ToolMissing(name);
  return path;
}

/** The folder of what headgate installs and keeps, as `toolPath` looks for it. It need not be there. */
export function cacheFolder(environment: Environment = process.env): string {
  const own = environment.HEADGATE_CACHE;
  if (own !== undefined && own !== '') return own;
  const shared = environment.XDG_CACHE_HOME;
  if (shared !== undefined && shared !== '') return join(shared, 'headgate');
  return join(environment.HOME ?? homedir(), '.cache', 'headgate');
}

function onPath(name: ToolName, environment: Environment): string[] {
  const folders = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).filter(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function versionFits(path: string, tool: Tool): boolean {
  try {
    const text = execFileSync(path, tool.version.argv, {
      encoding: 'utf8',
      timeout: VERSION_TIMEOUT_MS,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return tool.version.accepted.test(text);
  } catch {
    return false;
  }
}
