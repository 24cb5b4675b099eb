using System.Collections.Immutable;
using Looper.Core.OffPolicy;

namespace Looper.Core.Policies;

/// <summary>How a policy that learns on the way does as it learns.</summary>
/// <param name="Learned">Decisions that it had learned from at the end.</param>
/// <param name="Stretches">The log in equal parts, oldest first; empty for one too short to cut.</param>
public sealed record LearningCourse(int Learned, ImmutableArray<LearningStretch> Stretches)
{
    private const int FewestRows = 200, Most = 12;

    internal static LearningCourse Of(int learned, LoggedDecisions log, LoggedRows rows, double level)
    {
        var parts = Math.Min(Most, rows.Count / FewestRows);
        if (parts < 2) return new(learned, []);
        return new(learned, [.. Enumerable.Range(0, parts).Select(k => Stretch(log, rows, (int)((long)rows.Count * k / parts), (int)((long)rows.Count * (k + 1) / parts), level))]);
    }

    private static LearningStretch Stretch(LoggedDecisions log, LoggedRows rows, int from, int until, double level)
    {
        var (weights, rewards) = (rows.Weights[from..until], rows.Rewards[from..until]);
        var numbers = new Dictionary<int, int>();
        int[] units = Array.ConvertAll(rows.Units[from..until], u => numbers.TryGetValue(u, out var known) ? known : numbers[u] = numbers.Count);
        PolicyValue value = Estimators.Snips(weights, rewards, units), served = Estimators.Direct(rewards, units);
        return new(log.TimeOf(until - 1), until - from, Estimated.Of(value, value.At(level)), Estimated.Of(served, served.At(level)));
    }
}

/// <param name="Until">Time of its last decision.</param>
/// <param name="Value">Of the policy as it was then, by self-normalised inverse propensity with a normal interval.</param>
/// <param name="Served">Mean of what was served.</param>
public sealed record LearningStretch(DateTimeOffset Until, int Decisions, Estimated Value, Estimated Served);
