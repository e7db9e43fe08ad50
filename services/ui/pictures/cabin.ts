import { line, oval, path, rect, type Scene, scene, shade, shadow } from './shapes.ts';

/* For the cabin: light, warmth, somewhere to sit. */

export const lantern = (at: Scene, body: string, light: string): string =>
  scene(
    at,
    shadow(200, 84),
    line(body, 9, 'M140 130 q0 -84 60 -84 q60 0 60 84'),
    rect(body, 168, 84, 64, 30, 6),
    path(body, 'M138 138 l22 -28 h80 l22 28 z'),
    rect(light, 146, 138, 108, 122),
    oval('#ffffff', 200, 202, 26, 44),
    path('#ff8a1f', 'M200 164 q26 34 12 62 q-12 14 -24 0 q-14 -28 12 -62 z'),
    line(body, 8, 'M146 138 v122 M254 138 v122 M200 138 v18'),
    path(body, 'M130 260 h140 l14 58 h-168 z'),
    shade('M220 260 h50 l14 58 h-64 z'),
  );

export const blankets = (at: Scene, tones: string[]): string =>
  scene(
    at,
    shadow(200, 142),
    ...tones.map((tone, index) => {
      const y = 262 - index * 52;
      const inset = index * 5;
      return (
        rect(tone, 64 + inset, y, 272 - 2 * inset, 54, 25) +
        line('#ffffff59', 6, `M${100 + inset} ${y + 20} h${190 - inset}`) +
        shade(`M${296 - inset} ${y} h14 q26 0 26 27 t-26 27 h-14 q20 -27 0 -54 z`)
      );
    }),
  );

export const candle = (at: Scene, wax: string, dish: string): string =>
  scene(
    at,
    shadow(200, 110),
    oval('#ffc91633', 200, 108, 92),
    path('#ffb01f', 'M200 62 q30 40 12 70 q-12 14 -24 0 q-18 -30 12 -70 z'),
    line('#0a1626', 5, 'M200 128 v22'),
    path(wax, 'M160 150 q40 -12 80 0 v138 h-80 z'),
    shade('M212 146 q14 0 28 4 v138 h-28 z'),
    line(dish, 16, 'M292 276 q44 -8 36 22 q-8 20 -42 10'),
    path(dish, 'M92 270 h216 q-6 48 -48 48 h-120 q-42 0 -48 -48 z'),
    shade('M232 270 h76 q-6 48 -48 48 h-52 z'),
  );

export const stool = (at: Scene, wood: string, seat: string): string =>
  scene(
    at,
    shadow(200, 112, 348),
    line(wood, 17, 'M138 170 L106 342 M262 170 L294 342 M176 170 L170 348 M224 170 L230 348'),
    line(wood, 12, 'M122 270 H278'),
    path(seat, 'M92 140 h216 q10 0 8 14 l-4 20 q-2 12 -14 12 h-196 q-12 0 -14 -12 l-4 -20 q-2 -14 8 -14 z'),
    shade('M230 140 h78 q10 0 8 14 l-4 20 q-2 12 -14 12 h-72 z'),
  );

export const cushion = (at: Scene, cloth: string, stripe: string): string =>
  scene(
    at,
    shadow(200, 130),
    path(cloth, 'M82 104 q118 26 236 0 q-24 106 0 212 q-118 -24 -236 0 q24 -106 0 -212 z'),
    path(stripe, 'M150 115 q50 5 100 0 q-12 95 0 190 q-50 -4 -100 0 q12 -95 0 -190 z'),
    shade('M270 112 q24 -2 48 -8 q-24 106 0 212 q-26 -6 -54 -9 q-8 -100 6 -195 z'),
  );
