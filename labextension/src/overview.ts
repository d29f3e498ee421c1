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

const EMPTY: Omit<Overview, 'api'> = {
  version: '',
  host: '',
  active: false,
  health: { status: 'ready' },
  report: { worst: null, problems: [], checked_at: '' },
  metadata: { file: '', present: false, identity: { kind: 'local' } },
  image: {
    user: '',
    group: '',
    uid: null,
    gid: null,
    python: '',
    home: '',
    app_image_config: { file: null, name: null, mount_path: null, uid: null, gid: null }
  },
  kernels: { default: '', configured_by: null, kernels: [], not_started: [] },
  cuda: null,
  logs: {
    group: null,
    stream: null,
    file: null,
    trouble: '',
    lost: 0,
    not_shipped: '',
    shipping: null,
    events: []
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
  const api = typeof body.api === 'number' ? body.api : 0;
  const whole = { ...(fill(EMPTY, body) as unknown as Overview), api };
  whole.report.problems = whole.report.problems.filter(isProblem);
  return whole;
}

/** What `given` says, and of `wanted` what it lacks or has in another form. */
function fill(wanted: object, given: Record<string, unknown>): Record<string, unknown> {
  const filled: Record<string, unknown> = { ...given };
  for (const [name, value] of Object.entries(wanted) as [string, unknown][]) {
    const found = given[name];
    if (value === null) {
      filled[name] = found ?? null;
    } else if (Array.isArray(value)) {
      filled[name] = Array.isArray(found) ? found : [];
    } else if (isRecord(value)) {
      filled[name] = fill(value, isRecord(found) ? found : {});
    } else {
      filled[name] = typeof found === typeof value ? found : value;
    }
  }
  return filled;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isProblem(value: unknown): value is Problem {
  return isRecord(value) && ['id', 'severity', 'seen'].every(name => typeof value[name] === 'string');
}
