/** Style of a text in a picture. */
export interface TextStyle {
  readonly anchor?: 'middle' | 'end';
  readonly fill?: string;
  readonly size?: number;
  readonly weight?: 'bold';
}

/** Returns a text element. */
export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { anchor, fill = '#1f2328', size, weight } = style;
  const attributes = [
    `x="${x}" y="${y}" fill="${fill}"`,
    ...(anchor ? [`text-anchor="${anchor}"`] : []),
    ...(size ? [`font-size="${size}"`] : []),
    ...(weight ? [`font-weight="${weight}"`] : []),
  ];
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<text ${attributes.join(' ')}>${escaped}</text>`;
}

/** Returns a picture of these elements on white. */
export function svg(width: number, height: number, elements: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Helvetica, Arial, sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...elements,
    '</svg>',
    '',
  ].join('\n');
}
