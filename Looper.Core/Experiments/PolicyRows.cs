using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.OffPolicy;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>Logged decisions drawn by lot, kept as numbers, and the value of policies on them.</summary>
internal sealed class PolicyRows(ImmutableArray<string> options, double level)
{
    public const string SnipsMethod = "snips-1", IpsMethod = "ips-1", ChangeMethod = "snips-difference-1";

    private readonly List<double> _rewards = [], _propensities = [];
    private readonly List<int> _options = [], _best = [], _units = [], _counts = [];
    private readonly Dictionary<string, int> _unitNumbers = new(StringComparer.Ordinal);

    public long Count => _rewards.Count;

    public long Units => _unitNumbers.Count;

    /// <param name="option">Index into the options compared; −1 for one that is gone, which none of them would give.</param>
    /// <param name="best">Index of the option the predictions preferred; −1 without predictions.</param>
    /// <param name="count">How many options there were.</param>
    public void Add(string unit, int option, int best, double propensity, double reward, int count)
    {
        if (!_unitNumbers.TryGetValue(unit, out var number)) _unitNumbers.Add(unit, number = _unitNumbers.Count);
        _units.Add(number);
        _options.Add(option);
        _best.Add(best);
        _counts.Add(count);
        _propensities.Add(propensity);
        _rewards.Add(reward);
    }

    public ImmutableArray<PolicyRow> Policies()
    {
        var rows = ImmutableArray.CreateBuilder<PolicyRow>();
        rows.Add(Row(PolicyKind.Served, null, "What was served", _ => 1));
        if (Count > 0 && _best.TrueForAll(b => b >= 0))
            rows.Add(Row(PolicyKind.BestPredicted, null, "Best predicted option, without exploring", i => _options[i] == _best[i] ? 1 / _propensities[i] : 0));
        rows.Add(Row(PolicyKind.Random, null, "Random", i => _options[i] < 0 ? 0 : 1 / (_counts[i] * _propensities[i])));
        for (var o = 0; o < options.Length; o++)
        {
            var option = o;
            rows.Add(Row(PolicyKind.Constant, options[o], options[o] == DecisionShapes.AsSent ? "Always the first one sent" : $"Always {options[o]}", i => _options[i] == option ? 1 / _propensities[i] : 0));
        }

        return rows.ToImmutable();
    }

    private PolicyRow Row(PolicyKind kind, string? option, string name, Func<int, double> weight)
    {
        double[] weights = [.. Enumerable.Range(0, _rewards.Count).Select(weight)], rewards = [.. _rewards];
        int[] units = [.. _units];
        var figures = WeightFigures.Of(weights, units);
        PolicyValue snips = Estimators.Snips(weights, rewards, units), ips = Estimators.Ips(weights, rewards, units);
        var refused = Refusal(figures, weights);
        var overlap = refused is not null ? Overlap.None : figures.IsThin || figures.IsMisfit ? Overlap.Thin : Overlap.Good;
        return new()
        {
            Kind = kind,
            Option = option,
            Name = name,
            Snips = refused is null ? Figures(snips, SnipsMethod) : ValueFigures.Undefined(SnipsMethod),
            Ips = refused is null ? Figures(ips, IpsMethod) : ValueFigures.Undefined(IpsMethod),
            Change = refused is null && kind != PolicyKind.Served ? Change(weights, rewards, units, snips.Value) : ValueFigures.Undefined(ChangeMethod),
            EffectiveDecisions = figures.EffectiveRows,
            LargestWeight = figures.LargestWeight,
            MeanWeight = figures.MeanWeight,
            Overlap = overlap,
            Refused = refused,
        };
    }

    /// <summary>Why no value may be told; null when it may. What a draft is refused for (<see cref="WeightFigures"/>), said of policies that stand.</summary>
    private string? Refusal(WeightFigures figures, double[] weights)
    {
        if (Count == 0) return "No decision of this period can be used.";
        if (!(figures.EffectiveRows >= WeightFigures.LeastEffective))
            return FormattableString.Invariant($"The log says as much about this as {Math.Floor(figures.EffectiveRows):N0} decisions would; {WeightFigures.LeastEffective:N0} are needed. Explore more, or choose a period in which it was tried.");
        if (!(figures.EffectiveUnits >= WeightFigures.LeastUnits))
            return FormattableString.Invariant($"The decisions that speak for this are worth those of {Math.Floor(figures.EffectiveUnits):N0} units that weigh alike; {WeightFigures.LeastUnits:N0} are needed, since many decisions of one unit say little of others. Wait for more units, or choose a longer period.");
        if (Impossible(weights) is > WeightFigures.MostUnsupported and var impossible)
            return FormattableString.Invariant($"{impossible:0.0%} of what this would do was impossible when these decisions were made: the answer was certain. Explore first, or choose a period with some random choice.");
        if (!figures.IsFarOff) return null;
        return figures.MeanWeight < 1
            ? FormattableString.Invariant($"About {1 - figures.MeanWeight:0%} of what this would do lies where the log never went. Explore everywhere, or choose a period or a version in which it was tried.")
            : FormattableString.Invariant($"The weights average {figures.MeanWeight:F2} instead of 1: the logged propensities are not those the answers were drawn with.");
    }

    /// <summary>Share of what the policy would do that is another answer than the one given where that was certain.</summary>
    private double Impossible(double[] weights) =>
        Enumerable.Range(0, weights.Length).Sum(i => _propensities[i] >= WeightFigures.Certain ? Math.Max(0, 1 - weights[i] * _propensities[i]) : 0) / weights.Length;

    /// <summary>The policy's value less the mean served, on the same rows: what both share cancels.</summary>
    /// <remarks>Linearised: term i = w_i(r_i − v)/w̄ − (r_i − r̄).</remarks>
    private ValueFigures Change(double[] weights, double[] rewards, int[] units, double value)
    {
        double served = rewards.Average(), meanWeight = weights.Average();
        double[] terms = [.. Enumerable.Range(0, rewards.Length).Select(i => weights[i] * (rewards[i] - value) / meanWeight - (rewards[i] - served))];
        var spread = Estimators.Direct(terms, units);
        return Figures(new(value - served, spread.StandardError, spread.Why), ChangeMethod);
    }

    private ValueFigures Figures(PolicyValue value, string method)
    {
        var interval = value.At(level);
        return new(value.Value, value.StandardError, interval.Low, interval.High, method);
    }
}
