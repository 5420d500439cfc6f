// The chart of one instrument: candles, what was traded in them, and the quote as lines.

import {
  CandlestickSeries, ColorType, createChart, HistogramSeries, LineStyle, type IChartApi, type IPriceLine, type ISeriesApi,
  type UTCTimestamp,
} from 'lightweight-charts';
import { Candles, type Candle } from './candles.js';

// A smaller step than with these has no exact power of ten, without which the library throws.
const kMostPlaces = 15;

export class PriceChart {
  readonly #chart: IChartApi;
  readonly #prices: ISeriesApi<'Candlestick'>;
  readonly #volumes: ISeriesApi<'Histogram'>;
  #candles: Candles;
  #places: number | undefined;
  readonly #lines: { bid?: IPriceLine; ask?: IPriceLine } = {};
  #colours = colours();

  constructor(element: HTMLElement, private seconds: number) {
    this.#candles = new Candles(seconds);
    this.#chart = createChart(element, {
      autoSize: true,
      layout: { attributionLogo: false, fontSize: 11 }, // the logo comes with a style of its own, which the page forbids: the page names it
      rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.08, bottom: 0.24 } },
      timeScale: { borderVisible: false, timeVisible: true, secondsVisible: true, rightOffset: 4, shiftVisibleRangeOnNewBar: true },
      localization: { locale: 'en-GB', timeFormatter: (time: number) => new Date(time * 1000).toLocaleTimeString('en-GB') },
    });
    this.#prices = this.#chart.addSeries(CandlestickSeries, { borderVisible: false, lastValueVisible: true, priceLineVisible: false });
    this.#volumes = this.#chart.addSeries(HistogramSeries,
      { priceScaleId: 'volume', priceFormat: { type: 'volume' }, lastValueVisible: false, priceLineVisible: false });
    this.#volumes.priceScale().applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
    this.recolour();
  }

  add(timeMs: number, price: number, size: number): void {
    const { candle, cut } = this.#candles.add(timeMs, price, size);
    if (cut) return this.#showAll();
    this.#prices.update(this.#bar(candle));
    this.#volumes.update(this.#volume(candle));
  }

  // Many, oldest first.
  addAll(trades: readonly { readonly timeMs: number; readonly price: number; readonly size: number }[]): void {
    for (const { timeMs, price, size } of trades) this.#candles.add(timeMs, price, size);
    this.#showAll();
  }

  clear(): void {
    this.#candles = new Candles(this.seconds);
    this.#showAll();
  }

  gather(seconds: number): void {
    this.seconds = seconds;
    this.#candles.gather(seconds);
    this.#showAll();
    this.#chart.timeScale().resetTimeScale();
    this.#chart.timeScale().scrollToRealTime();
  }

  // Digits after the point that the venue used: the most of them count, as some leave zeros at the end away.
  precise(used: number): void {
    const places = Math.min(used, kMostPlaces);
    if (places <= (this.#places ?? -1)) return;
    this.#places = places;
    this.#prices.applyOptions({ priceFormat: { type: 'price', precision: places, minMove: 10 ** -places } });
  }

  quote(bid: number | undefined, ask: number | undefined): void {
    this.#line('bid', bid, this.#colours.up);
    this.#line('ask', ask, this.#colours.down);
  }

  recolour(): void {
    this.#colours = colours();
    const { up, down, text, line, surface } = this.#colours;
    this.#chart.applyOptions({
      layout: { background: { type: ColorType.Solid, color: surface }, textColor: text },
      grid: { vertLines: { color: line }, horzLines: { color: line } },
    });
    this.#prices.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down });
    this.#showAll();
  }

  destroy(): void { this.#chart.remove(); }

  #line(side: 'bid' | 'ask', price: number | undefined, color: string): void {
    const line = this.#lines[side];
    if (price === undefined) {
      if (line) this.#prices.removePriceLine(line);
      delete this.#lines[side];
    } else if (line) {
      if (line.options().price !== price || line.options().color !== color) line.applyOptions({ price, color });
    } else {
      this.#lines[side] = this.#prices.createPriceLine(
        { price, color, lineWidth: 1, lineStyle: LineStyle.Dotted, axisLabelVisible: false });
    }
  }

  #showAll(): void {
    this.#prices.setData(this.#candles.all.map((candle) => this.#bar(candle)));
    this.#volumes.setData(this.#candles.all.map((candle) => this.#volume(candle)));
  }

  #bar = ({ time, open, high, low, close }: Candle): { time: UTCTimestamp; open: number; high: number; low: number; close: number } =>
    ({ time: time as UTCTimestamp, open, high, low, close });
  #volume = ({ time, open, close, volume }: Candle): { time: UTCTimestamp; value: number; color: string } =>
    ({ time: time as UTCTimestamp, value: volume, color: close >= open ? this.#colours.upFlash : this.#colours.downFlash });
}

// The page's, as the theme has them now.
function colours(): Readonly<Record<'up' | 'down' | 'upFlash' | 'downFlash' | 'text' | 'line' | 'surface', string>> {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string): string => style.getPropertyValue(name).trim();
  return {
    up: of('--up'), down: of('--down'), upFlash: of('--up-flash'), downFlash: of('--down-flash'), text: of('--quiet'), line: of('--line'),
    surface: of('--surface'),
  };
}
