// Draws <looper-chart data-figure="…"> with plotly.js. The figure names colours by token; this fills in the theme's.
const plotly = new Promise((done, failed) => {
  const script = Object.assign(document.createElement('script'), { src: document.querySelector('meta[name="looper-plotly"]')?.content ?? '/lib/plotly-strict.min.js' });
  script.onload = () => done(window.Plotly);
  script.onerror = () => failed(new Error('plotly.js is not there'));
  document.head.append(script);
});

// Each token is looked up once for a theme: every look makes the browser work the page's styles out anew.
const palette = new Map();
let theme = 0;
document.addEventListener('looper-theme', () => { palette.clear(); theme++; });

const found = (name) => {
  if (!palette.has(name)) {
    const probe = document.createElement('span');
    probe.style.color = `var(--${name})`;
    document.body.append(probe);
    palette.set(name, getComputedStyle(probe).color);
    probe.remove();
  }
  return palette.get(name);
};

const colour = (token) => {
  const [name, alpha] = token.split('/');
  return alpha ? found(name).replace(/^rgba?\(([^)]+)\)$/, (_, parts) => `rgba(${parts.split(',').slice(0, 3).join(',')},${alpha})`) : found(name);
};

const coloured = (value) => {
  if (typeof value === 'string') return value.startsWith('token:') ? colour(value.slice(6)) : value;
  if (Array.isArray(value)) return value.map(coloured);
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, coloured(one)]));
  return value;
};

// Pages, sizes and themes ask for a picture more than once; what is drawn already stays.
const drawnAs = new WeakMap();

const config = { displayModeBar: false, responsive: false, showLink: false, doubleClick: 'reset' };

async function drawOnce(element) {
  let library;
  try { library = await plotly; } catch { element.closest('figure')?.setAttribute('data-picture', 'none'); return; }
  if (!element.isConnected) return;
  const hidden = new Set([...element.closest('figure').querySelectorAll('input[data-series]:not(:checked)')].map((box) => Number(box.dataset.series)));
  const asked = [theme, element.clientWidth, element.clientHeight, ...hidden, element.dataset.figure].join(' ');
  if (drawnAs.get(element) === asked) return;
  const figure = coloured(JSON.parse(element.dataset.figure));
  const [ink, soft, line] = ['ink', 'ink-soft', 'line'].map(colour);
  const axis = (own) => ({ gridcolor: line, zerolinecolor: line, linecolor: line, tickcolor: line, fixedrange: true, ...own, title: { ...own?.title, font: { size: 12, color: soft }, standoff: 8 } });
  const layout = {
    ...figure.layout,
    xaxis: axis(figure.layout.xaxis), yaxis: axis(figure.layout.yaxis),
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: soft },
    paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', showlegend: false, separators: '.,',
    margin: { l: 56, r: 16, t: figure.layout.annotations?.length ? 28 : 8, b: 44 }, width: element.clientWidth, height: element.clientHeight,
    hoverlabel: { bgcolor: colour('card-raised'), bordercolor: line, font: { color: ink, size: 12 }, align: 'left' },
  };
  const data = figure.data.map((trace) => ({ ...trace, visible: !hidden.has(trace.meta) || figure.data.every((one) => one.meta === 0) }));
  // Within an old picture of another size plotly.js puts an axis title at -Infinity for a moment, and the browser says so: begin anew.
  if (element.layout && (element.layout.width !== layout.width || element.layout.height !== layout.height)) library.purge(element);
  await library.react(element, data, layout, config);
  drawnAs.set(element, asked);
  element.dataset.drawn = layout.width;
}

// plotly.js draws in several turns of the event loop, and two drawings that overlap can leave nothing: one at a time for each element,
// and whoever asks meanwhile gets another drawing afterwards.
const drawings = new WeakMap();

export function draw(element) {
  const running = drawings.get(element);
  if (running) {
    running.again = true;
    return running.done;
  }
  const drawing = { again: true };
  drawings.set(element, drawing);
  drawing.done = (async () => {
    try {
      while (drawing.again && element.isConnected) {
        drawing.again = false;
        await drawOnce(element);
      }
    } finally {
      drawings.delete(element);
    }
  })();
  return drawing.done;
}

// An element that moves within the page leaves it and comes back: what is there again by then stays.
export async function clear(element) {
  await drawings.get(element)?.done.catch(() => null);
  const library = await plotly.catch(() => null);
  if (element.isConnected) return;
  library?.purge(element);
  drawnAs.delete(element);
}

export async function picture(element, format) {
  const library = await plotly;
  await draw(element); // far below what is seen it may be waiting still
  return library.toImage(element, { format, width: 1200, height: 600, scale: format === 'png' ? 2 : 1 });
}
