using Looper.Core.Events;
using Looper.Core.OffPolicy;
using Looper.Core.Serving;

namespace Looper.Core.Policies;

/// <summary>Rewards of units that kept the baseline by lot.</summary>
internal sealed class HeldOutRewards(GoalReward reward)
{
    private readonly List<double> _rewards = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<int> _units = [];

    public int Count => _rewards.Count;

    public void Add(Example example)
    {
        if (example.Decision.Reason != Reason.Holdout) return;
        ReadOnlySpan<double> values = [.. example.Values.Select((v, o) => reward.ValueOf(o, v))];
        if (reward.Of(values) is not double.NaN and var r)
        {
            if (!_numbers.TryGetValue(example.Decision.Unit, out var unit)) _numbers.Add(example.Decision.Unit, unit = _numbers.Count);
            _units.Add(unit);
            _rewards.Add(r);
        }
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
