/*
 * The international code of signals: a flag for each letter. https://en.wikipedia.org/wiki/International_Code_of_Signals
 * A flag is 60 wide and 48 high; it is drawn in layers.
 */

type Colour = 'white' | 'blue' | 'red' | 'yellow' | 'black';
/** A colour, and the corners of what it fills. */
export type Layer = readonly [Colour, string];

export const colours: Record<Colour, string> = {
  white: '#ffffff',
  blue: '#0b4fbf',
  red: '#d92b2b',
  yellow: '#ffc916',
  black: '#101820',
};

const box = (colour: Colour, x: number, y: number, width: number, height: number): Layer => [
  colour,
  `${x},${y} ${x + width},${y} ${x + width},${y + height} ${x},${y + height}`,
];
const ground = (colour: Colour): Layer => box(colour, 0, 0, 60, 48);
const columns = (...list: Colour[]): Layer[] =>
  list.map((colour, index) => box(colour, (60 / list.length) * index, 0, 60 / list.length, 48));
const rows = (...list: Colour[]): Layer[] =>
  list.map((colour, index) => box(colour, 0, (48 / list.length) * index, 60, 48 / list.length));
const quarters = (one: Colour, other: Colour): Layer[] => [
  ground(one),
  box(other, 30, 0, 30, 24),
  box(other, 0, 24, 30, 24),
];
const cross = (on: Colour, colour: Colour): Layer[] => [
  ground(on),
  box(colour, 24, 0, 12, 48),
  box(colour, 0, 18, 60, 12),
];
const saltire = (on: Colour, colour: Colour): Layer[] => [
  ground(on),
  [colour, '0,0 9,0 60,40.8 60,48 51,48 0,7.2'],
  [colour, '60,0 60,7.2 9,48 0,48 0,40.8 51,0'],
];
const swallowtail = '0,0 60,0 45,24 60,48 0,48';
const circle = Array.from({ length: 24 }, (_, index) => {
  const angle = (index / 24) * 2 * Math.PI;
  return `${(30 + 13 * Math.cos(angle)).toFixed(1)},${(24 + 13 * Math.sin(angle)).toFixed(1)}`;
}).join(' ');

const flags: Record<string, Layer[]> = {
  a: [
    ['blue', swallowtail],
    ['white', '0,0 30,0 30,48 0,48'],
  ],
  b: [['red', swallowtail]],
  c: rows('blue', 'white', 'red', 'white', 'blue'),
  d: [ground('yellow'), box('blue', 0, 12, 60, 24)],
  e: rows('blue', 'red'),
  f: [ground('white'), ['red', '30,2 58,24 30,46 2,24']],
  g: columns('yellow', 'blue', 'yellow', 'blue', 'yellow', 'blue'),
  h: columns('white', 'red'),
  i: [ground('yellow'), ['black', circle]],
  j: rows('blue', 'white', 'blue'),
  k: columns('yellow', 'blue'),
  l: quarters('yellow', 'black'),
  m: saltire('blue', 'white'),
  n: [
    ground('white'),
    ...[0, 1, 2, 3].flatMap(row =>
      [0, 1, 2, 3]
        .filter(column => (row + column) % 2 === 0)
        .map(column => box('blue', column * 15, row * 12, 15, 12)),
    ),
  ],
  o: [ground('red'), ['yellow', '0,0 60,48 0,48']],
  p: [ground('blue'), box('white', 19, 15, 22, 18)],
  q: [ground('yellow')],
  r: cross('red', 'yellow'),
  s: [ground('white'), box('blue', 19, 15, 22, 18)],
  t: columns('red', 'white', 'blue'),
  u: quarters('red', 'white'),
  v: saltire('white', 'red'),
  w: [ground('blue'), box('white', 10, 8, 40, 32), box('red', 20, 16, 20, 16)],
  x: cross('white', 'blue'),
  y: [
    ground('yellow'),
    ['red', '12,0 24,0 0,19.2 0,9.6'],
    ['red', '36,0 48,0 0,38.4 0,28.8'],
    ['red', '60,0 60,9.6 12,48 0,48'],
    ['red', '60,19.2 60,28.8 36,48 24,48'],
    ['red', '60,38.4 60,48 48,48'],
  ],
  z: [ground('red'), ['yellow', '0,0 60,0 30,24'], ['black', '0,0 30,24 0,48'], ['blue', '60,0 60,48 30,24']],
};

/** The flag of the first letter in a text; without one it is Q, which asks for nothing. */
export const flagOf = (text: string): Layer[] => {
  const letter = /[a-z]/.exec(text.normalize('NFD').toLowerCase())?.[0] ?? 'q';
  return flags[letter] ?? [];
};

/** The letters of a text that have a flag. */
export const spell = (text: string): string[] =>
  [...text.normalize('NFD').toLowerCase()].filter(each => each in flags);
