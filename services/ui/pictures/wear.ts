import { above, line, oval, path, rect, type Scene, scene, shade, shadow, turned } from './shapes.ts';

/* What is worn, and what is written and read. */

export const jumper = (ground: string, wool: string, stripe: string): string =>
  above(
    ground,
    path('#0a162626', 'M150 84 h120 l88 76 -44 62 -34 -26 v150 h-140 v-150 l-34 26 -44 -62 z'),
    path(wool, 'M140 74 q60 30 120 0 l90 78 -46 62 -36 -26 v148 h-136 v-148 l-36 26 -46 -62 z'),
    ...[176, 216, 256, 296].map(y => rect(stripe, 132, y, 136, 17)),
    path(wool, 'M132 328 h136 v22 h-136 z'),
    shade('M222 88 q20 -4 38 -14 l90 78 -46 62 -36 -26 v162 h-46 z', 0.1),
    line(stripe, 9, 'M146 80 q54 28 108 0'),
  );

export const hat = (at: Scene, wool: string, brim: string): string =>
  scene(
    at,
    shadow(200, 116),
    oval(brim, 200, 92, 28),
    path(wool, 'M92 250 q-8 -150 108 -150 q116 0 108 150 z'),
    line('#0a162622', 7, 'M148 236 q-6 -88 30 -128 M200 236 v-134 M252 236 q6 -88 -30 -128'),
    rect(brim, 76, 236, 248, 78, 22),
    line('#0a162622', 7, 'M112 250 v50 M156 250 v50 M200 250 v50 M244 250 v50 M288 250 v50'),
  );

export const socks = (ground: string, wool: string, toe: string): string =>
  above(
    ground,
    ...[0, 1].map(index => {
      const x = index * 104;
      const leg = `M${84 + x} 76 h78 v150 q0 24 22 42 l34 26 q22 20 2 46 q-20 22 -50 6 l-58 -40 q-28 -20 -28 -58 z`;
      return (
        path(wool, leg) +
        rect(toe, 84 + x, 76, 78, 34) +
        path(toe, `M${190 + x} 274 l28 20 q22 20 2 46 q-20 22 -50 6 l-12 -8 q30 -22 32 -64 z`) +
        shade(`M${136 + x} 76 h26 v150 q0 24 22 42 l-18 10 q-34 -22 -30 -72 z`, 0.1)
      );
    }),
  );

export const scarf = (ground: string, wool: string, stripe: string): string =>
  above(
    ground,
    turned(
      -12,
      path(wool, 'M128 40 h84 v300 h-84 z'),
      path(wool, 'M196 96 h88 v236 h-88 z'),
      shade('M196 96 h16 v244 h-16 z', 0.22),
      ...[252, 284].map(y => rect(stripe, 128, y, 68, 16)),
      ...[244, 276].map(y => rect(stripe, 196, y, 88, 16)),
      line(wool, 6, 'M136 340 v26 M154 340 v26 M172 340 v26 M190 340 v26'),
      line(wool, 6, 'M206 332 v26 M226 332 v26 M246 332 v26 M266 332 v26'),
      path(wool, 'M112 58 q88 -50 186 12 q-18 44 -78 40 q-68 -2 -108 -52 z'),
      shade('M200 32 q54 4 98 38 q-18 44 -78 40 q20 -40 -20 -78 z', 0.12),
    ),
  );

export const book = (ground: string, cover: string, mark: string): string =>
  above(
    ground,
    turned(
      -10,
      rect('#0a162633', 118, 76, 190, 264, 8),
      rect('#f4f1e8', 112, 66, 188, 264, 6),
      rect(cover, 104, 62, 188, 264, 8),
      rect('#0a162630', 104, 62, 26, 264, 8),
      rect('#f4f1e8', 156, 112, 104, 66, 4),
      line(cover, 6, 'M172 136 h72 M172 154 h46'),
      path(mark, 'M250 62 h24 v112 l-12 -14 -12 14 z'),
    ),
  );

export const pencils = (ground: string, tones: string[]): string =>
  above(
    ground,
    turned(
      24,
      ...tones.map((tone, index) => {
        const x = 92 + index * 46;
        const y = 92 + (index % 2) * 22;
        return (
          rect('#0a162622', x + 7, y + 6, 32, 220) +
          rect(tone, x, y, 32, 200) +
          rect('#ffffff40', x, y, 11, 200) +
          path('#f0d6a8', `M${x} ${y} h32 l-16 -46 z`) +
          path(tone, `M${x + 11} ${y - 14} h10 l-5 -32 z`) +
          rect('#c7ccd1', x, y + 190, 32, 18) +
          rect('#e88f86', x, y + 206, 32, 20, 5)
        );
      }),
    ),
  );

export const compass = (ground: string, brass: string, face: string): string =>
  above(
    ground,
    oval('#0a162630', 208, 224, 132),
    `<circle cx="200" cy="62" r="22" fill="none" stroke="${brass}" stroke-width="12"/>`,
    oval(brass, 200, 212, 132),
    oval(face, 200, 212, 108),
    line('#0a1626', 6, 'M200 118 v16 M200 290 v16 M106 212 h16 M278 212 h16'),
    turned(24, path('#d92b2b', 'M200 128 l20 86 h-40 z'), path('#5b6672', 'M200 298 l20 -84 h-40 z')),
    oval(brass, 203, 213, 11),
  );

export const chart = (ground: string, sea: string, land: string): string =>
  above(
    ground,
    turned(
      -6,
      rect('#0a162626', 56, 84, 304, 252, 4),
      rect(sea, 48, 74, 304, 252, 4),
      path(land, 'M48 74 h128 q22 40 -18 62 q-42 20 -30 62 q8 44 -80 40 z'),
      path(land, 'M352 326 h-116 q-14 -44 34 -52 q50 -6 82 -42 z'),
      path(land, 'M244 142 q34 -14 44 12 q4 26 -30 26 q-32 -10 -14 -38 z'),
      `<path fill="none" stroke="#d92b2b" stroke-width="6" stroke-dasharray="14 11" d="M136 232 q70 60 96 -22 q22 -62 82 -78"/>`,
      line('#d92b2b', 7, 'M304 122 l20 20 M324 122 l-20 20'),
      line('#0a162618', 3, 'M124 74 v252 M200 74 v252 M276 74 v252 M48 137 h304 M48 200 h304 M48 263 h304'),
    ),
  );
