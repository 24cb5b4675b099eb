using Looper.Core.Serving;

namespace Looper.Core.Personalization;

/// <summary>No more units than memory has room for: of more, half, a quarter and so on, drawn by a hash of their names, so that it is the same ones each time.</summary>
/// <param name="most">Units kept at most.</param>
internal sealed class DrawnUnits(int most)
{
    /// <summary>Values kept in memory at most, times what fits copy of them: about a gigabyte and a half.</summary>
    public const int MostCells = 50_000_000;

    private static readonly ulong s_draw = Assignment.Stream(0, "effects");

    private readonly List<ServedUnit> _kept = [];
    private readonly List<double> _draws = [];

    public IReadOnlyList<ServedUnit> All => _kept;

    /// <summary>Units that were offered, kept or not.</summary>
    public long Offered { get; private set; }

    /// <summary>Share of the offered units that are kept.</summary>
    public double Share { get; private set; } = 1;

    /// <param name="row">Made only where the unit is kept.</param>
    public void Add(string unit, Func<ServedUnit> row)
    {
        Offered++;
        var draw = Assignment.Uniform(s_draw, unit);
        if (draw >= Share) return;
        _kept.Add(row());
        _draws.Add(draw);
        if (_kept.Count <= most) return;
        Share /= 2;
        var kept = 0;
        for (var i = 0; i < _kept.Count; i++)
            if (_draws[i] < Share) (_kept[kept], _draws[kept++]) = (_kept[i], _draws[i]);
        _kept.RemoveRange(kept, _kept.Count - kept);
        _draws.RemoveRange(kept, _draws.Count - kept);
    }
}
