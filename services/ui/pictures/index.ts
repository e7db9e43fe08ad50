import * as cabin from './cabin.ts';
import * as deck from './deck.ts';
import * as galley from './galley.ts';
import * as wear from './wear.ts';

const navy = '#12305c';
const blue = '#0b4fbf';
const sky = '#a9cdee';
const red = '#d92b2b';
const yellow = '#ffc916';
const sail = '#f4f1e8';
const sand = '#e3d2ac';
const moss = '#4d6b57';
const wood = '#b0784a';
const slate = '#5b6672';

/** The pictures by name, as SVG: what a shop shows that has no photographs yet. They refer to nothing outside. */
export const pictures = (): Record<string, string> => ({
  'mug-blue': galley.mug({ wall: '#dfe9f3', table: '#b9cfe4' }, blue, '#ffffff'),
  'mug-red': galley.mug({ wall: '#f6dfd6', table: '#e5b9a9' }, red, '#ffffff'),
  kettle: galley.kettle({ wall: '#ffe7a3', table: '#f2c94f' }, navy, '#e0e4e8'),
  bowls: galley.bowls({ wall: '#cfe0d8', table: '#a3c2b3' }, [moss, '#86a892', sail]),
  'tea-tin': galley.tin({ wall: '#f3e6cd', table: '#dcc69b' }, navy, yellow, red),
  'coffee-tin': galley.tin({ wall: '#d8e6f4', table: '#a9c8e6' }, red, sail, navy),
  pan: galley.pan('#f0b9a7', '#2a333d', '#414d59'),
  knife: galley.knife('#b9d4c6', wood, '#d5dce2'),
  lantern: cabin.lantern({ wall: '#1c3358', table: '#122542' }, '#c79a3f', '#ffe7a3'),
  blankets: cabin.blankets({ wall: '#efe6d6', table: '#d6c5a6' }, [navy, red, sail]),
  candle: cabin.candle({ wall: '#2f4a41', table: '#223831' }, sail, '#c79a3f'),
  stool: cabin.stool({ wall: '#dce8f2', table: '#b7cde1' }, wood, yellow),
  cushion: cabin.cushion({ wall: '#f7d9a8', table: '#e8b96b' }, blue, sail),
  rope: deck.rope('#9fc4e6', sand, '#bda26d'),
  bucket: deck.bucket({ wall: '#ffe7a3', table: '#f0cb5c' }, '#aeb9c4', red),
  bag: deck.bag({ wall: '#cddfee', table: '#a0c0dd' }, sand, navy),
  torch: deck.torch('#17294a', yellow, '#fff6d6'),
  flask: deck.flask({ wall: '#f5d0c4', table: '#e2a592' }, moss, '#223831'),
  buoy: deck.buoy('#2b6fc9', sail, red),
  jumper: wear.jumper('#e9dcc3', navy, sail),
  hat: wear.hat({ wall: '#c9dcec', table: '#9bbcd9' }, red, sail),
  socks: wear.socks('#f3c9bb', slate, yellow),
  scarf: wear.scarf('#cfe0d8', yellow, navy),
  logbook: wear.book('#ffd65a', navy, red),
  'sketch-book': wear.book(sky, red, yellow),
  pencils: wear.pencils('#f4f1e8', [blue, red, yellow, moss]),
  compass: wear.compass('#3f6fa8', '#d0a548', sail),
  chart: wear.chart('#e9dcc3', '#bfdcf2', '#efe2b8'),
});
