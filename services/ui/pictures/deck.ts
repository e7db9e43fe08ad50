import { above, line, oval, path, rect, type Scene, scene, shade, shadow, turned } from './shapes.ts';

/* For on deck: what is carried, tied and thrown. */

export const rope = (ground: string, tone: string, dark: string): string =>
  above(
    ground,
    oval('#0a162626', 208, 210, 142),
    ...[140, 108, 76, 44].map(radius =>
      [
        `<circle cx="200" cy="200" r="${radius}" fill="none" stroke="${tone}" stroke-width="30"/>`,
        `<circle cx="200" cy="200" r="${radius}" fill="none" stroke="${dark}" stroke-width="30" stroke-dasharray="4 15"/>`,
      ].join(''),
    ),
    line(tone, 30, 'M338 214 q26 60 8 150'),
    rect(dark, 330, 346, 32, 14, 4),
  );

export const bucket = (at: Scene, body: string, band: string): string =>
  scene(
    at,
    shadow(200, 100),
    line('#5b6672', 8, 'M98 150 q4 -104 102 -104 q98 0 102 104'),
    path(body, 'M92 146 h216 l-26 160 q-2 12 -14 12 h-136 q-12 0 -14 -12 z'),
    path(band, 'M99 190 h202 l-5 32 h-192 z'),
    shade('M236 146 h72 l-26 160 q-2 12 -14 12 h-44 z'),
    oval('#0a1626', 200, 146, 108, 15),
  );

export const bag = (at: Scene, cloth: string, trim: string): string =>
  scene(
    at,
    shadow(200, 128),
    line(trim, 14, 'M142 150 q0 -92 58 -92 q58 0 58 92'),
    path(cloth, 'M84 140 h232 l14 166 q0 14 -14 14 h-232 q-14 0 -14 -14 z'),
    shade('M250 140 h66 l14 166 q0 14 -14 14 h-62 z', 0.1),
    path(trim, 'M72 276 h256 l2 30 q0 14 -14 14 h-232 q-14 0 -14 -14 z'),
    oval(trim, 142, 164, 10),
    oval(trim, 258, 164, 10),
  );

export const torch = (ground: string, body: string, light: string): string =>
  above(
    ground,
    turned(
      48,
      path('#ffc91659', 'M136 122 L84 -70 H316 L264 122 z'),
      path(body, 'M140 116 h120 l-22 66 h-76 z'),
      oval(light, 200, 116, 60, 14),
      rect(body, 162, 182, 76, 178, 14),
      shade('M212 182 h26 v164 q0 14 -14 14 h-12 z', 0.2),
      rect('#d92b2b', 182, 214, 36, 46, 16),
    ),
  );

export const flask = (at: Scene, body: string, cap: string): string =>
  scene(
    at,
    shadow(200, 66),
    rect(cap, 158, 62, 84, 62, 12),
    path(body, 'M154 124 h92 q18 10 18 44 v126 q0 24 -24 24 h-80 q-24 0 -24 -24 v-126 q0 -34 18 -44 z'),
    shade('M218 124 h28 q18 10 18 44 v126 q0 24 -24 24 h-30 q12 -100 8 -194 z'),
    line('#ffffff66', 8, 'M158 176 v96'),
  );

export const buoy = (ground: string, ring: string, band: string): string =>
  above(
    ground,
    oval('#0a162626', 208, 212, 138),
    `<circle cx="200" cy="200" r="102" fill="none" stroke="${ring}" stroke-width="66"/>`,
    `<circle cx="200" cy="200" r="102" fill="none" stroke="${band}" stroke-width="66" stroke-dasharray="62 98.2" stroke-dashoffset="31"/>`,
    `<circle cx="200" cy="200" r="140" fill="none" stroke="#e9e2cf" stroke-width="7"/>`,
  );
