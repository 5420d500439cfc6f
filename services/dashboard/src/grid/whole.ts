// Widths with which no column is cut at the edge: "+0" that goes on as "+0.11" behind it would be read as it stands.

// Those that fit whole grow, each by its share, until the next one begins behind the edge; that and the others are scrolled to.
export function wholeWidths(least: readonly number[], room: number): number[] {
  let fitting = 0;
  let taken = 0;
  for (const width of least) {
    if (taken + width > room) break;
    taken += width;
    fitting += 1;
  }
  if (fitting === 0) return [...least];
  let left = Math.floor(room);
  let share = taken;
  return least.map((width, at) => {
    if (at >= fitting) return width;
    const grown = at === fitting - 1 ? left : Math.floor((left * width) / share);
    left -= grown;
    share -= width;
    return grown;
  });
}
