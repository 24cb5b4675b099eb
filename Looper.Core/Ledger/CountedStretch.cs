using Looper.Core.Statistics;

namespace Looper.Core.Ledger;

/// <summary>A stretch while its decisions come in.</summary>
internal sealed class CountedStretch
{
    /// <param name="number">Of its two cells; −1 where nothing of it can be measured.</param>
    public CountedStretch(Lot lot, int number, DateTimeOffset first, int version) =>
        (Lot, Number, From, Until, FirstVersion, LastVersion) = (lot, number, first, first, version, version);

    /// <param name="decides">Takes its decisions over: one of several parts does.</param>
    public CountedStretch(StretchState state, bool decides) =>
        (Lot, Number, From, Until, FirstVersion, LastVersion, Decisions) = (state.Lot, state.Number, state.From, state.Until, state.FirstVersion, state.LastVersion, decides ? state.Decisions : 0);

    public Lot Lot { get; }

    public int Number { get; }

    public HeldOutStretch Cells => new(2 * Number, (2 * Number) + 1);

    public DateTimeOffset From { get; }

    public DateTimeOffset Until { get; private set; }

    public int FirstVersion { get; private set; }

    public int LastVersion { get; private set; }

    /// <summary>Decisions with a known value for units that did not keep the baseline.</summary>
    public long Decisions { get; set; }

    public void Saw(DateTimeOffset at, int by)
    {
        Until = at;
        (FirstVersion, LastVersion) = (Math.Min(FirstVersion, by), Math.Max(LastVersion, by));
    }
}
