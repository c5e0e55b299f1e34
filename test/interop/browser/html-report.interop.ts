import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { chromium, type Browser, type Page } from 'playwright-core';

import { junitReport } from '../../../lib/smoke-test/reports/junit';
import { writeReports } from '../../../lib/smoke-test/reports/write-reports';
import type { SmokeTestReport } from '../../../lib/smoke-test/smoke-test-report';
import {
  cat,
  failedReport,
  httpReport,
  passedReport,
  untrustedReport,
  wrongAnswerReport,
} from '../../smoke-test/reports/sample-reports';
import { afterwards } from '../../support/cleanup';
import { temporaryFolder } from '../../support/temporary-folder';
import { textsWithLowContrast } from './contrast';
import { findChromium } from './find-chromium';
import { until } from '../../support/until';

const HOSTILE = '"><img src=x onerror=alert(1)></title></script><script>alert(1)</script>\'`&]]>\u0000';

interface Opened {
  readonly page: Page;
  /** What the browser complained about or asked the user. */
  readonly complaints: string[];
  /** What it fetched, without the page itself and what is in it. */
  readonly requests: string[];
}

let browser: Browser;

beforeAll(async () => {
  const executablePath = await findChromium(() => undefined);
  browser = await chromium.launch({ executablePath });
});

afterAll(async () => {
  await browser.close();
});

async function open(
  report: SmokeTestReport,
  { colorScheme = 'light', width = 1100 }: { colorScheme?: 'light' | 'dark'; width?: number } = {},
): Promise<Opened> {
  const folder = await temporaryFolder();
  afterwards(folder.remove);
  const file = path.join(folder.path, 'report.html');
  await writeReports(report, [{ format: 'html', file }]);
  const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
  afterwards(() => page.close());
  const address = pathToFileURL(file).href;
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(dialog.message());
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (request.url() !== address && !request.url().startsWith('data:')) {
      requests.push(request.url());
    }
  });
  await page.goto(address, { waitUntil: 'load' });
  return { page, complaints, requests };
}

function hostileReport(): SmokeTestReport {
  const { certificate, dns, target } = passedReport();
  return failedReport(
    'expectations',
    { detail: HOSTILE, code: HOSTILE, reason: HOSTILE, remedy: HOSTILE },
    {
      target: { ...target, host: HOSTILE, serverName: HOSTILE },
      model: { name: HOSTILE, versions: [HOSTILE] },
      dns: { ...dns!, name: HOSTILE },
      certificate: { ...certificate!, subject: HOSTILE, issuer: HOSTILE, names: [HOSTILE] },
      samples: [
        {
          ...cat,
          name: HOSTILE,
          passed: false,
          detail: HOSTILE,
          answer: HOSTILE,
          topClasses: [{ classIndex: 1, label: HOSTILE, probability: NaN }],
          expected: { label: HOSTILE },
        },
      ],
    },
  );
}

/** How much of the histogram's canvas has exactly the colour of its bars. */
function shareOfBars(page: Page): Promise<number> {
  return page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('#histogram canvas')!;
    const pen = document.createElement('canvas').getContext('2d')!;
    pen.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--accent');
    pen.fillRect(0, 0, 1, 1);
    const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    let found = 0;
    for (let at = 0; at < data.length; at += 4) {
      found += Number(
        data[at] === red && data[at + 1] === green && data[at + 2] === blue && data[at + 3] === 255,
      );
    }
    return found / (data.length / 4);
  });
}

describe('the HTML report in a browser', () => {
  it.each([
    ['a pass', passedReport()],
    ['a failure', untrustedReport()],
    ['a wrong answer', wrongAnswerReport()],
    ['a pass over HTTP', httpReport()],
    ['texts that are HTML', hostileReport()],
  ])('fetches nothing, complains of nothing and runs nothing of others: %s', async (_, report) => {
    const { page, complaints, requests } = await open(report);
    await page.mouse.move(500, 500);
    expect({ complaints, requests }).toEqual({ complaints: [], requests: [] });
    await expect(page.locator('img:not([src^="data:image/"])').count()).resolves.toBe(0);
    await expect(page.locator('h1').textContent()).resolves.toContain(report.passed ? 'passed' : 'failed');
  });

  it('shows texts unchanged', async () => {
    const { page } = await open(hostileReport());
    const shown = HOSTILE.replace('\u0000', '\ufffd');
    await expect(page.locator('.classes th').first().textContent()).resolves.toBe(`${shown}expected`);
    await expect(page.locator('.remedy').textContent()).resolves.toBe(`To fix it: ${shown}`);
  });

  it('shows the images', async () => {
    const { page } = await open(passedReport());
    const widths = await page
      .locator('.sample img')
      .evaluateAll((shown) => shown.map((image) => (image as HTMLImageElement).naturalWidth));
    expect(widths).toHaveLength(2);
    expect(Math.min(...widths)).toBeGreaterThan(100);
  });

  it('has bars as long as the probabilities', async () => {
    const { page } = await open(passedReport());
    const shares = await page.locator('.classes svg').evaluateAll((bars) =>
      bars.map((bar) => {
        const [track, fill] = [...bar.querySelectorAll('rect')].map(
          (rect) => rect.getBoundingClientRect().width,
        );
        return fill / track;
      }),
    );
    const expected = passedReport().samples.flatMap(({ topClasses }) => topClasses!);
    expect(shares).toHaveLength(expected.length);
    expected.forEach(({ probability }, index) => {
      expect(shares[index]).toBeCloseTo(probability, 2);
    });
  });

  it('has a timeline in which each check begins where the one before it ended', async () => {
    const { page } = await open(passedReport());
    const bars = await page
      .locator('.checks svg')
      .evaluateAll((found) => found.map((bar) => bar.querySelector('.fill')!.getBoundingClientRect()))
      .then((rectangles) => rectangles.map(({ left, right }) => ({ left, right })));
    expect(bars).toHaveLength(8);
    // Very short ones are drawn a little longer, so that they are seen.
    bars.slice(1).forEach(({ left }, index) => {
      expect(Math.abs(left - bars[index].right)).toBeLessThan(4);
    });
  });

  it.each(['light', 'dark'] as const)('draws the histogram, %s', async (colorScheme) => {
    const { page } = await open(passedReport(), { colorScheme });
    expect(await shareOfBars(page)).toBeGreaterThan(0.02);
  });

  it('reports what a bar of the histogram is when it is pointed at', async () => {
    const { page } = await open(passedReport());
    await page.locator('#histogram .u-over').hover({ position: { x: 10, y: 100 } });
    await expect(page.locator('#histogram-bin').textContent()).resolves.toBe('17 to 18 ms: 80 calls');
  });

  it('draws the histogram again in the colors of the system when they change', async () => {
    const { page } = await open(passedReport(), { colorScheme: 'light' });
    await page.emulateMedia({ colorScheme: 'dark' });
    // The browser tells the page in its own time.
    await until(async () => (await shareOfBars(page)) > 0.02);
    await expect(page.locator('#histogram canvas').count()).resolves.toBe(1);
  });

  it('is light on paper, also on a dark system', async () => {
    const { page } = await open(passedReport(), { colorScheme: 'dark' });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(await background()).toBe('rgb(255, 255, 255)');
    expect(await shareOfBars(page)).toBeGreaterThan(0.02);
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    expect(await background()).toBe('rgb(14, 17, 22)');
  });

  it('is printed on a few pages', async () => {
    const { page } = await open(wrongAnswerReport());
    const pdf = (await page.pdf({ format: 'A4' })).toString('latin1');
    expect(pdf.match(/\/Type \/Page\b/g)!.length).toBeLessThanOrEqual(3);
  });

  it.each(['light', 'dark'] as const)('can be read by people with low vision, %s', async (colorScheme) => {
    for (const report of [passedReport(), wrongAnswerReport(), untrustedReport(), httpReport()]) {
      const { page } = await open(report, { colorScheme });
      expect(await textsWithLowContrast(page)).toEqual([]);
    }
  });

  it('can be read by people who hear it: headings in order, and words for what is drawn', async () => {
    const { page } = await open(wrongAnswerReport());
    const headings = await page
      .locator('h1, h2, h3')
      .evaluateAll((found) => found.map(({ tagName, textContent }) => `${tagName} ${textContent.trim()}`));
    expect(headings).toEqual([
      'H1 ✗failed: Smoke test failed',
      'H2 Failed check: expectations (EXPECTATION_FAILED)',
      'H2 Checks',
      'H2 Samples',
      'H3 ✗failed: chelsea.png',
      'H3 ✓passed: coffee.png',
      'H2 Latency',
      'H2 Certificate',
      'H2 DNS',
    ]);
    await expect(page.getByRole('img', { name: 'image chelsea.png' }).count()).resolves.toBe(1);
    await expect(page.getByRole('img', { name: /^Histogram of 200 calls/ }).count()).resolves.toBe(1);
    await expect(page.getByRole('heading', { name: 'failed: chelsea.png' }).count()).resolves.toBe(1);
    await expect(page.getByRole('alert').count()).resolves.toBe(1);
  });

  it.each([320, 700, 1600])('fits a window of %d pixels', async (width) => {
    const { page } = await open(wrongAnswerReport(), { width });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });
});

describe('the JUnit report, read by an XML parser', () => {
  it.each([
    ['a pass', passedReport()],
    ['texts that are XML', hostileReport()],
  ])('is well-formed: %s', async (_, report) => {
    const page = await browser.newPage();
    afterwards(() => page.close());
    const found = await page.evaluate((xml) => {
      const document = new DOMParser().parseFromString(xml, 'application/xml');
      return {
        problem: document.querySelector('parsererror')?.textContent,
        testCases: document.querySelectorAll('testsuites > testsuite > testcase').length,
        message: document.querySelector('failure')?.getAttribute('message') ?? undefined,
      };
    }, junitReport(report));
    expect(found).toEqual({
      problem: undefined,
      testCases: report.checks.length + report.samples.length,
      message: report.passed ? undefined : HOSTILE.replace('\u0000', ''),
    });
  });
});
