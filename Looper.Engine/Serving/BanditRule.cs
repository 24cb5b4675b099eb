using Looper.Core.Blueprints;
using Looper.Core.Learning.Bandits;

namespace Looper.Core.Serving;

/// <summary>A bandit as published, for one blueprint version: the row as served → the exact chances.</summary>
internal sealed class BanditRule
{
    private readonly BanditDesign? _design;
    private readonly ModelEncoder? _encoder;
    private readonly IBandit? _bandit;
    private readonly double _explore, _budget;
    private readonly int _default;

    private BanditRule(BanditPolicy policy, BanditDesign? design, ModelEncoder? encoder, IBandit? bandit, int @default)
    {
        (_design, _encoder, _bandit, _default) = (design, encoder, bandit, @default);
        (_explore, _budget) = (policy.Explore, policy.Budget ?? 1);
    }

    /// <summary>What guardrails leave to the baseline; null for nothing.</summary>
    public BaselineShare? Held { get; private init; }

    public static BanditRule Of(BanditPolicy policy, BanditDesign design, ModelEncoder encoder, IBandit bandit, BaselineShare? held = null) => new(policy, design, encoder, bandit, -1) { Held = held };

    /// <summary>Nothing is known: every option is drawn alike, or the default as often as a budget asks for.</summary>
    public static BanditRule Untaught(BanditPolicy policy, int @default) => new(policy, null, null, null, policy.Budget is null ? -1 : @default);

    /// <summary>Nothing is known of a guardrail: the baseline, but for what is drawn evenly.</summary>
    public static BanditRule Cautious(BanditPolicy policy, int options, int baseline) => new(policy, null, null, null, baseline) { Held = BaselineShare.Of(policy.Explore, options, baseline, 1) };

    /// <summary>Writes p(option | row) for the row as served in the workspace.</summary>
    /// <returns>The option with the highest estimate; −1 where none is preferred.</returns>
    public int Distribute(DecisionWorkspace workspace, Span<double> probabilities)
    {
        if (_bandit is null) return Distribute([], probabilities);
        var row = workspace.Row(_encoder!.Width);
        _encoder.Encode(workspace.Served, row);
        Span<double> x = stackalloc double[BanditDesign.MostWidth];
        x = x[.._design!.Width];
        _design.Write(row, x);
        return Distribute(x, probabilities);
    }

    /// <summary>The same for a row in the terms of its design; any row where nothing is known.</summary>
    public int Distribute(ReadOnlySpan<double> x, Span<double> probabilities)
    {
        var best = _bandit?.Distribute(x, probabilities) ?? Even(probabilities);
        if (_budget < 1 && best >= 0) ExplorationRules.Limit(probabilities, best, _budget, _explore);
        return Held is null ? best : Held.MixInto(probabilities, best);
    }

    private int Even(Span<double> probabilities)
    {
        probabilities.Fill(1.0 / probabilities.Length);
        return _default;
    }
}
