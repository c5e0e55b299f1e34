/** A page without its code, in which nothing is a link or a heading. */
function prose(text: string): string {
  return text.replace(/^(`{3,})[\s\S]*?^\1/gm, '').replace(/<!--[\s\S]*?-->/g, '');
}

/** Where a page's links and pictures lead, as they are written. */
export function linksOf(text: string): string[] {
  const withoutCode = prose(text).replace(/(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, (code) =>
    code.replaceAll(/[[\]()]/g, ''),
  );
  const inline = [...withoutCode.matchAll(/\]\(([^()\s]+(?:\([^()\s]*\))?)\)/g)].map(([, link]) => link);
  const html = [...withoutCode.matchAll(/(?:href|src|srcset)="([^"]+)"/g)].map(([, link]) => link);
  return [...inline, ...html];
}

/** The anchors of a page's headings, as GitHub makes them: a heading that is there twice gets `-1`. */
export function anchorsOf(text: string): string[] {
  const seen = new Map<string, number>();
  return [...prose(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => {
    const anchor = heading
      .trim()
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
}
