import { above, line, oval, path, rect, type Scene, scene, shade, shadow, turned } from './shapes.ts';

/* For the galley: what one cooks, eats and drinks with. */

export const mug = (at: Scene, body: string, rim: string): string =>
  scene(
    at,
    shadow(196, 100),
    line(body, 22, 'M262 190 q62 -4 58 46 q-4 44 -66 44'),
    path(body, 'M108 150 h164 v146 q0 24 -24 24 h-116 q-24 0 -24 -24 z'),
    shade('M214 150 h58 v146 q0 24 -24 24 h-58 q24 0 24 -24 z'),
    oval(rim, 190, 150, 82, 15),
    oval('#0a1626', 190, 153, 70, 9),
  );

export const kettle = (at: Scene, body: string, metal: string): string =>
  scene(
    at,
    shadow(204, 128),
    line(metal, 13, 'M122 176 q4 -92 78 -92 q74 0 78 92'),
    path(body, 'M292 200 l62 -34 14 16 -62 92 z'),
    path(body, 'M96 292 q0 -132 104 -132 q104 0 104 132 q0 28 -28 28 h-152 q-28 0 -28 -28 z'),
    shade('M200 160 q104 0 104 132 q0 28 -28 28 h-56 q40 -90 -20 -160 z'),
    rect(metal, 150, 152, 100, 13, 6),
    oval(metal, 200, 142, 15),
  );

export const bowls = (at: Scene, tones: [string, string, string]): string =>
  scene(
    at,
    shadow(200, 126),
    ...tones.map((tone, index) => {
      const y = 250 - index * 46;
      const r = 126 - index * 14;
      return (
        path(tone, `M${200 - r} ${y} h${2 * r} q-8 66 -${r - 40} 66 h-80 q-${r - 48} 0 -${r - 40} -66 z`) +
        shade(`M${150 + r} ${y} h50 q-8 66 -${r - 40} 66 h-40 q${r - 60} 0 ${r - 50} -66 z`)
      );
    }),
    oval('#0a1626', 200, 158, 98, 11),
  );

export const tin = (at: Scene, body: string, label: string, lid: string): string =>
  scene(
    at,
    shadow(200, 96),
    rect(body, 112, 132, 176, 186, 8),
    rect(label, 112, 190, 176, 84),
    line(body, 7, 'M164 232 q18 -22 36 0 t36 0'),
    shade('M232 132 h48 q8 0 8 8 v170 q0 8 -8 8 h-48 z'),
    rect(lid, 104, 96, 192, 44, 8),
    shade('M240 96 h48 q8 0 8 8 v28 q0 8 -8 8 h-48 z'),
  );

export const pan = (ground: string, body: string, inside: string): string =>
  above(
    ground,
    turned(
      -38,
      rect(body, 182, 262, 36, 128, 16),
      oval('#f4f1e8', 200, 368, 7),
      oval('#0a1626', 206, 186, 126),
      oval(body, 200, 178, 126),
      oval(inside, 200, 178, 104),
      line('#ffffff44', 9, 'M128 150 q22 -46 66 -52'),
    ),
  );

export const knife = (ground: string, handle: string, blade: string): string =>
  above(
    ground,
    turned(
      40,
      path('#0a162626', 'M176 40 q52 70 48 186 h-48 z'),
      path(blade, 'M168 30 q54 72 50 192 h-50 z'),
      path('#ffffff66', 'M168 30 q22 60 22 192 h-22 z'),
      rect(handle, 166, 222, 54, 140, 18),
      oval(blade, 193, 262, 6),
      oval(blade, 193, 322, 6),
    ),
  );
