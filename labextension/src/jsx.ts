/** What JSX is compiled to: one short name instead of React's in hundreds of places of the bundle. */

import * as React from 'react';

export const h = React.createElement;
export const Fragment = React.Fragment;
