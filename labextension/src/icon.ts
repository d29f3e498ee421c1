/** The panel's icon: a box, as of an image, with a pulse. */

import { LabIcon } from '@jupyterlab/ui-components';

const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="#616161">
    <path d="M12 1.5 3 6v12l9 4.5 9-4.5V6zm0 2.2L18.6 7 12 10.300 5.400 7zM5 8.600l6 3v8.300l-6-3zm14 0v8.300l-6 3v-8.300z"/>
  </g>
</svg>`;

export const imageIcon = new LabIcon({ name: 'jupyter-sm:image', svgstr: SVG });
