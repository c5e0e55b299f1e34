/**
 * Draws the histogram whose figures lie in the page as JSON, in the page's colours: again when the reader's system
 * turns dark, when the window's width changes, and in light colours on paper. `uPlot` is there before it.
 */
export const HISTOGRAM_SCRIPT = `
'use strict';
(() => {
  const { startMs, widthMs, counts, marks } = JSON.parse(document.getElementById('latencies').textContent);
  const place = document.getElementById('histogram');
  const caption = document.getElementById('histogram-bin');
  const root = document.documentElement;
  const round = (ms) => Number(ms.toPrecision(6));
  const starts = counts.map((_, bin) => round(startMs + bin * widthMs));
  const end = round(startMs + counts.length * widthMs);
  const color = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const say = (plot) => {
    const bin = plot.cursor.left >= 0 ? Math.floor((plot.posToVal(plot.cursor.left, 'x') - startMs) / widthMs) : -1;
    caption.textContent = bin in counts
      ? starts[bin] + ' to ' + round(starts[bin] + widthMs) + ' ms: ' + counts[bin] + (counts[bin] === 1 ? ' call' : ' calls')
      : '';
  };
  const drawMarks = (plot) => {
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio;
    ctx.save();
    ctx.font = 12 * ratio + 'px system-ui, sans-serif';
    ctx.textBaseline = 'top';
    ctx.lineWidth = ratio;
    let free = [-Infinity, -Infinity, -Infinity, -Infinity];
    for (const { name, ms, budget } of marks) {
      const x = Math.round(plot.valToPos(ms, 'x', true));
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.strokeStyle = ctx.fillStyle = color(budget ? '--fail' : '--text');
      ctx.setLineDash(budget ? [4 * ratio, 4 * ratio] : []);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      const wide = ctx.measureText(name).width + 10 * ratio;
      const right = x + wide <= bbox.left + bbox.width;
      const from = right ? x : x - wide;
      const row = Math.max(0, free.findIndex((end) => end <= from));
      free[row] = from + wide;
      ctx.textAlign = right ? 'left' : 'right';
      ctx.fillText(name, x + (right ? 5 : -5) * ratio, bbox.top + (2 + 15 * row) * ratio);
    }
    ctx.restore();
  };
  let plot;
  const draw = () => {
    plot?.destroy();
    const axis = { stroke: color('--quiet'), grid: { stroke: color('--line'), width: 1 }, ticks: { stroke: color('--line'), width: 1 }, font: '12px system-ui, sans-serif' };
    plot = new uPlot({
      width: Math.max(place.clientWidth, 260),
      height: 230,
      padding: [8, 12, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: { x: { time: false, range: [starts[0], end] }, y: { range: (_, __, most) => [0, Math.max(1, most * 1.25)] } },
      series: [{}, {
        fill: color('--accent'),
        paths: uPlot.paths.bars({ align: 1, size: [1, Infinity], gap: 2, radius: 0.12 }),
        points: { show: false },
        width: 0,
      }],
      axes: [
        { ...axis, size: 34, values: (_, ticks) => ticks.map((tick) => round(tick) + ' ms'), space: 70 },
        { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], values: (_, ticks) => ticks.map(String) },
      ],
      hooks: { draw: [drawMarks], setCursor: [say] },
    }, [starts, counts], place);
  };
  const onPaper = (paper) => () => {
    root.classList.toggle('paper', paper);
    draw();
  };
  draw();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  addEventListener('resize', draw);
  addEventListener('beforeprint', onPaper(true));
  addEventListener('afterprint', onPaper(false));
})();
`;
