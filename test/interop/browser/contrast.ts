import type { Page } from 'playwright-core';

/** The texts whose contrast with what is behind them is below what WCAG 2.2 AA asks for (4.5, of large ones 3). */
export function textsWithLowContrast(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const channels = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = (color: string) => {
      const [red, green, blue] = channels(color).map((channel) => {
        const share = channel / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const isClear = (color: string) => channels(color)[3] === 0;
    const backgroundOf = (element: Element): string => {
      const color = getComputedStyle(element).backgroundColor;
      return isClear(color) ? backgroundOf(element.parentElement!) : color;
    };
    return [...document.querySelectorAll('body *')].flatMap((element) => {
      const hasText = [...element.childNodes].some(
        (node) => node.nodeType === 3 && node.textContent!.trim() !== '',
      );
      if (!hasText || element.closest('svg, script, noscript')) {
        return [];
      }
      const style = getComputedStyle(element);
      const [lighter, darker] = [luminance(style.color), luminance(backgroundOf(element))].sort(
        (a, b) => b - a,
      );
      const ratio = (lighter + 0.05) / (darker + 0.05);
      const isLarge = parseFloat(style.fontSize) >= 24;
      return ratio < (isLarge ? 3 : 4.5) ? [`${ratio.toFixed(2)} ${element.textContent.slice(0, 60)}`] : [];
    });
  });
}
