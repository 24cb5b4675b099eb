// Draws <looper-chart data-figure="…"> with plotly.js. The figure names colours by token; this fills in the theme's.
const plotly = new Promise((done, failed) => {
  const script = Object.assign(document.createElement('script'), { src: document.querySelector('meta[name="looper-plotly"]')?.content ?? '/lib/plotly-strict.min.js' });
  script.onload = () => done(window.Plotly);
  script.onerror = () => failed(new Error('plotly.js is not there'));
  document.head.append(script);
});

const colour = (token) => {
  const [name, alpha] = token.split('/');
  const probe = document.createElement('span');
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return alpha ? found.replace(/^rgba?\(([^)]+)\)$/, (_, parts) => `rgba(${parts.split(',').slice(0, 3).join(',')},${alpha})`) : found;
};

const coloured = (value) => {
  if (typeof value === 'string') return value.startsWith('token:') ? colour(value.slice(6)) : value;
  if (Array.isArray(value)) return value.map(coloured);
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, coloured(one)]));
  return value;
};

const config = { displayModeBar: false, responsive: false, showLink: false, doubleClick: 'reset' };

export async function draw(element) {
  let library;
  try { library = await plotly; } catch { element.closest('figure')?.setAttribute('data-picture', 'none'); return; }
  if (!element.isConnected) return;
  const figure = coloured(JSON.parse(element.dataset.figure));
  const [ink, soft, line] = ['ink', 'ink-soft', 'line'].map(colour);
  const axis = (own) => ({ gridcolor: line, zerolinecolor: line, linecolor: line, tickcolor: line, fixedrange: true, ...own, title: { ...own?.title, font: { size: 12, color: soft }, standoff: 8 } });
  const hidden = new Set([...element.closest('figure').querySelectorAll('input[data-series]:not(:checked)')].map((box) => Number(box.dataset.series)));
  const layout = {
    ...figure.layout,
    xaxis: axis(figure.layout.xaxis), yaxis: axis(figure.layout.yaxis),
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: soft },
    paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', showlegend: false, separators: '.,',
    margin: { l: 56, r: 16, t: figure.layout.annotations?.length ? 28 : 8, b: 44 }, width: element.clientWidth, height: element.clientHeight,
    hoverlabel: { bgcolor: colour('card-raised'), bordercolor: line, font: { color: ink, size: 12 }, align: 'left' },
  };
  const data = figure.data.map((trace) => ({ ...trace, visible: !hidden.has(trace.meta) || figure.data.every((one) => one.meta === 0) }));
  await library.react(element, data, layout, config);
}

export const clear = async (element) => (await plotly.catch(() => null))?.purge(element);

export async function picture(element, format) {
  const library = await plotly;
  return library.toImage(element, { format, width: 1200, height: 600, scale: format === 'png' ? 2 : 1 });
}
