/** The kernels as Jupyter lists them, where jupyter_sm itself cannot be asked. Pure. */

import type { Kernel } from './overview.ts';

/** As much of JupyterLab's list of kernels as is used here. */
export type Specs = Record<string, { name: string; display_name: string; language: string } | undefined>;

export function kernelsOf(specs: Specs): Kernel[] {
  return Object.values(specs).flatMap(spec =>
    spec
      ? [
          {
            ...spec,
            source: 'host',
            visibility: 'shown',
            reason: '',
            remedy: '',
            broken: null,
            environment: null,
            prefix: null,
            aliases: []
          } as Kernel
        ]
      : []
  );
}
