using System.Collections.Immutable;
using Looper.Core.Events;
using Looper.Core.OffPolicy;
using Looper.Core.Serving;

namespace Looper.Core.Policies;

/// <summary>Rewards of units that kept the baseline by lot: one a decision, or of a ranking one a place that was shown.</summary>
internal sealed class HeldOutRewards(GoalReward reward)
{
    private readonly List<double> _rewards = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<int> _units = [];

    public int Count => _rewards.Count;

    public int UnitCount => _numbers.Count;

    public void Add(Example example)
    {
        if (example.Decision.Reason != Reason.Holdout) return;
        foreach (var place in example.Places) Add(example.Decision.Unit, place.Values);
        if (example.Places.IsEmpty) Add(example.Decision.Unit, example.Values);
    }

    private void Add(string name, ImmutableArray<double> observed)
    {
        ReadOnlySpan<double> values = [.. observed.Select((v, o) => reward.ValueOf(o, v))];
        var r = reward.Of(values);
        if (double.IsNaN(r)) return;
        if (!_numbers.TryGetValue(name, out var unit)) _numbers.Add(name, unit = _numbers.Count);
        _units.Add(unit);
        _rewards.Add(r);
    }

    /// <summary>Both groups in one: those decided for weigh 1, those held out are referred to.</summary>
    public LoggedRows Beside(LoggedRows decided)
    {
        double[] ones = [.. decided.Weights.Select(_ => 1.0)], zeros = [.. _rewards.Select(_ => 0.0)];
        return new([.. ones, .. zeros], [.. decided.Rewards, .. _rewards], [.. decided.Units, .. _units.Select(u => u + decided.UnitCount)])
        {
            Reference = [.. ones.Select(_ => 0.0), .. _rewards.Select(_ => 1.0)],
        };
    }
}
