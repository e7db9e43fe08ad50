/* Pieces of a picture: flat, few tones, light from the left. A picture is 400 by 400, its table begins at 300. */

export const path = (fill: string, d: string): string => `<path fill="${fill}" d="${d}"/>`;
export const line = (stroke: string, width: number, d: string): string =>
  `<path fill="none" stroke="${stroke}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round" d="${d}"/>`;
export const rect = (fill: string, x: number, y: number, width: number, height: number, radius = 0): string =>
  `<rect fill="${fill}" x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}"/>`;
export const oval = (fill: string, cx: number, cy: number, rx: number, ry = rx): string =>
  `<ellipse fill="${fill}" cx="${cx}" cy="${cy}" rx="${rx}" ry="${ry}"/>`;
export const turned = (degrees: number, ...parts: string[]): string =>
  `<g transform="rotate(${degrees} 200 200)">${parts.join('')}</g>`;
/** Darkens whatever is below: the side away from the light. */
export const shade = (d: string, strength = 0.14): string =>
  `<path fill="#0a1626" fill-opacity="${strength}" d="${d}"/>`;
/** Where something stands. */
export const shadow = (cx: number, rx: number, cy = 318): string =>
  `<ellipse fill="#0a1626" fill-opacity=".18" cx="${cx + 10}" cy="${cy}" rx="${rx}" ry="${Math.round(rx / 9)}"/>`;

export interface Scene {
  wall: string;
  table: string;
}

export const scene = ({ wall, table }: Scene, ...parts: string[]): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400">${rect(wall, 0, 0, 400, 400)}${rect(table, 0, 290, 400, 110)}${parts.join('')}</svg>`;
/** From above: no table. */
export const above = (ground: string, ...parts: string[]): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400">${rect(ground, 0, 0, 400, 400)}${parts.join('')}</svg>`;
