/** What `GET /api/sm` answers, as types. Pure: nothing here knows of a browser or of JupyterLab. */

/** The newest meaning of the answer that this panel knows. */
export const API = 1;

export type Severity = 'error' | 'warning' | 'info';

export interface Problem {
  id: string;
  severity: Severity;
  source: string;
  seen: string;
  wanted: string;
  remedy: string;
}

/** Every problem, worst first. */
export interface Report {
  worst: Severity | null;
  problems: Problem[];
  checked_at: string;
}

/** A value, and what says so. */
export interface Sourced {
  value: string | null;
  source: string;
}

export type IdentityField =
  | 'app_type'
  | 'domain_id'
  | 'owner'
  | 'user_profile_name'
  | 'space_name'
  | 'app_name'
  | 'region'
  | 'account_id'
  | 'partition'
  | 'resource_arn'
  | 'execution_role_arn'
  | 'app_image_version'
  | 'resource_name'
  | 'ip_address_type';

export type Identity = { kind: string; additional?: Record<string, string> } & Partial<
  Record<IdentityField, Sourced>
>;

export interface Metadata {
  file: string;
  present: boolean;
  identity: Identity;
}

export interface AppImageConfig {
  file: string | null;
  name: string | null;
  mount_path: string | null;
  uid: number | null;
  gid: number | null;
}

export interface Image {
  user: string;
  group: string;
  uid: number | null;
  gid: number | null;
  python: string;
  home: string;
  app_image_config: AppImageConfig;
}

export interface Environment {
  name: string;
  prefix: string;
  root: string | null;
  is_base: boolean;
}

export interface Kernel {
  name: string;
  display_name: string;
  language: string;
  source: string | null;
  visibility: 'shown' | 'hidden' | 'excluded' | 'missing';
  reason: string;
  remedy: string;
  broken: { reason: string; remedy: string } | null;
  environment: Environment | null;
  prefix: string | null;
  aliases: string[];
}

/** A running kernel that only tells why the one that was asked for did not start. */
export interface NotStarted {
  id: string;
  name: string;
  reason: string;
  remedy: string;
  file: string;
}

export interface Kernels {
  default: string;
  configured_by: string | null;
  kernels: Kernel[];
  not_started: NotStarted[];
}

export interface Reason {
  code: string;
  text: string;
  evidence: string;
  remedy: string;
}

/** A GPU or a MIG slice; sizes in bytes, utilization in percent; null is what the driver does not tell. */
export interface Device {
  uuid: string;
  index: number | null;
  name: string | null;
  memory_total: number | null;
  memory_used: number | null;
  utilization_gpu: number | null;
  compute_capability: string | null;
  mig: boolean | null;
  parent_uuid: string | null;
  cuda_visible: boolean | null;
}

export interface EnvironmentCuda {
  prefix: string;
  name: string;
  frameworks: { name: string; version: string; build: string; cuda: string | null }[];
  fits: boolean | null;
  reasons: Reason[];
}

export type CudaStatus =
  | 'visible'
  | 'degraded'
  | 'hidden'
  | 'not_visible'
  | 'no_gpu_host'
  | 'probe_failed';

export interface Cuda {
  status: CudaStatus;
  reasons: Reason[];
  devices: Device[];
  driver_version: string | null;
  cuda_driver_version: string | null;
  toolkits: { version: string; path: string }[];
  environments: EnvironmentCuda[];
  checked_at: string;
}

/** Times in milliseconds since the epoch. */
export interface LogEvent {
  timestamp: number;
  level: string;
  logger: string;
  message: string;
  traceback: string;
}

export interface Shipping {
  state: 'shipping' | 'idle' | 'waiting' | 'stopped';
  reason: string;
  last_success: number | null;
  behind_events: number;
  behind_bytes: number;
  oldest: number | null;
  trouble: string;
}

export interface Logs {
  group: string | null;
  stream: string | null;
  file: string | null;
  trouble: string;
  lost: number;
  not_shipped: string;
  shipping: Shipping | null;
  events: LogEvent[];
}

export interface Overview {
  api: number;
  version: string;
  host: string;
  active: boolean;
  health: { status: 'starting' | 'ready' | 'stopping' };
  report: Report;
  metadata: Metadata;
  image: Image;
  kernels: Kernels;
  cuda: Cuda | null;
  logs: Logs;
}

/**
 * What a part looks like: a value of its type, which stands in where there is none of that type; a
 * function that makes one where null may be; a list with one such member.
 */
type Shape<T> = null extends T
  ? () => Shape<NonNullable<T>>
  : T extends (infer Member)[]
    ? [Shape<Member>]
    : T extends object
      ? { [Name in keyof T]: Shape<T[Name]> }
      : T;

const text = (): string => '';
const number = (): number => 0;
const flag = (): boolean => false;

const REASONS: [Shape<Reason>] = [{ code: '', text: '', evidence: '', remedy: '' }];

const CUDA: Shape<Cuda> = {
  status: 'probe_failed',
  reasons: REASONS,
  devices: [
    {
      uuid: '',
      index: number,
      name: text,
      memory_total: number,
      memory_used: number,
      utilization_gpu: number,
      compute_capability: text,
      mig: flag,
      parent_uuid: text,
      cuda_visible: flag
    }
  ],
  driver_version: text,
  cuda_driver_version: text,
  toolkits: [{ version: '', path: '' }],
  environments: [
    {
      prefix: '',
      name: '',
      frameworks: [{ name: '', version: '', build: '', cuda: text }],
      fits: flag,
      reasons: REASONS
    }
  ],
  checked_at: ''
};

const WHOLE: Shape<Overview> = {
  api: 0,
  version: '',
  host: '',
  active: false,
  health: { status: 'ready' },
  report: {
    worst: () => 'info',
    problems: [{ id: '', severity: 'info', source: '', seen: '', wanted: '', remedy: '' }],
    checked_at: ''
  },
  metadata: { file: '', present: false, identity: { kind: 'local' } },
  image: {
    user: '',
    group: '',
    uid: number,
    gid: number,
    python: '',
    home: '',
    app_image_config: { file: text, name: text, mount_path: text, uid: number, gid: number }
  },
  kernels: {
    default: '',
    configured_by: text,
    kernels: [
      {
        name: '',
        display_name: '',
        language: '',
        source: text,
        visibility: 'shown',
        reason: '',
        remedy: '',
        broken: () => ({ reason: '', remedy: '' }),
        environment: () => ({ name: '', prefix: '', root: text, is_base: false }),
        prefix: text,
        aliases: ['']
      }
    ],
    not_started: [{ id: '', name: '', reason: '', remedy: '', file: '' }]
  },
  cuda: () => CUDA,
  logs: {
    group: text,
    stream: text,
    file: text,
    trouble: '',
    lost: 0,
    not_shipped: '',
    shipping: () => ({
      state: 'idle',
      reason: '',
      last_success: number,
      behind_events: 0,
      behind_bytes: 0,
      oldest: number,
      trouble: ''
    }),
    events: [{ timestamp: 0, level: '', logger: '', message: '', traceback: '' }]
  }
};

/**
 * The answer with every part in it, so that a part which another server leaves out is empty and no
 * mistake of the panel's; null for what is no overview at all.
 */
export function asOverview(body: unknown): Overview | null {
  if (!isRecord(body) || typeof body.version !== 'string') {
    return null;
  }
  const whole = fill(WHOLE, body) as Overview;
  whole.report.problems = whole.report.problems.filter(problem => problem.id && problem.seen);
  return whole;
}

/** What `given` says, and of `shape` what it lacks or has in another form. */
function fill(shape: unknown, given: unknown): unknown {
  if (typeof shape === 'function') {
    const wanted: unknown = shape();
    return isLike(wanted, given) ? fill(wanted, given) : null;
  }
  if (Array.isArray(shape)) {
    const members: unknown[] = Array.isArray(given) ? given : [];
    return members.filter(each => isLike(shape[0], each)).map(each => fill(shape[0], each));
  }
  if (!isRecord(shape)) {
    return isLike(shape, given) ? given : shape;
  }
  const found = isRecord(given) ? given : {};
  const filled = { ...found };
  for (const [name, part] of Object.entries(shape)) {
    filled[name] = fill(part, found[name]);
  }
  return filled;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isLike(shape: unknown, given: unknown): boolean {
  return isRecord(shape) ? isRecord(given) : typeof given === typeof shape;
}
