using Looper.Core.Blueprints;
using Looper.Core.Numerics;

namespace Looper.Core.Serving.Candidates;

/// <summary>
/// A policy over candidates: for each place of the answer first the whole distribution over who is not placed yet, then one draw from
/// it, so that the propensity is exact. <c>softmax</c> place by place is the Plackett–Luce model (Plackett 1975).
/// </summary>
/// <remarks>
/// Two rules keep every candidate possible where something is drawn and predictions exist (statistics.md D4). With up to
/// <see cref="HeadSize"/> left, each has at least max(0.01/n, 0.001), by filling up: the smaller ones are lifted, the others scaled down
/// in proportion. With more, the best <see cref="HeadSize"/> share 99 % by that rule and the rest share 1 % evenly.
/// Without a model <c>best</c> keeps the order as sent, <c>epsilon-greedy</c> and <c>softmax</c> draw evenly: they were asked to explore.
/// </remarks>
internal sealed class CandidatePolicy
{
    /// <summary>How many of the best a policy tells apart.</summary>
    public const int HeadSize = 20;

    /// <summary>What all below the head share.</summary>
    public const double TailShare = 0.01;

    private enum Rule
    {
        AsSent,
        Random,
        Best,
        EpsilonGreedy,
        Softmax,
        Learned,
    }

    private readonly Rule _rule;
    private readonly double _parameter;

    private CandidatePolicy(Rule rule, bool usesScores, double parameter = 0) => (_rule, UsesScores, _parameter) = (rule, usesScores, parameter);

    /// <summary>Stands where a version cannot serve, and for the baseline.</summary>
    public static CandidatePolicy InOrder { get; } = new(Rule.AsSent, usesScores: false);

    /// <summary>A bandit has the chances; the order of preference is that of its estimates.</summary>
    public static CandidatePolicy Learned { get; } = new(Rule.Learned, usesScores: true);

    public bool UsesScores { get; }

    public static Answered<CandidatePolicy> Compile(PolicySpec spec) => spec switch
    {
        AsSentPolicy => InOrder,
        RandomPolicy { Weights.IsDefaultOrEmpty: true } => new CandidatePolicy(Rule.Random, spec.UsesScores),
        RandomPolicy => new Refusal("policy.invalid", "Candidates change from call to call, so shares cannot be given for them. Leave the weights out.", "policy.weights"),
        BestPolicy => new CandidatePolicy(Rule.Best, spec.UsesScores),
        EpsilonGreedyPolicy { Epsilon: >= 0 and <= 1 } greedy => new CandidatePolicy(Rule.EpsilonGreedy, spec.UsesScores, greedy.Epsilon),
        EpsilonGreedyPolicy => new Refusal("policy.invalid", "Epsilon must lie in [0, 1].", "policy.epsilon"),
        SoftmaxPolicy { Temperature: > 0 and < double.PositiveInfinity } soft => new CandidatePolicy(Rule.Softmax, spec.UsesScores, soft.Temperature),
        SoftmaxPolicy => new Refusal("policy.invalid", "Temperature must be a finite number above 0.", "policy.temperature"),
        _ => new Refusal("policy.invalid", $"'{spec.GetType().Name}' is not a policy for candidates.", "policy.kind"),
    };

    /// <summary>What it prefers rests on no prediction, though it should.</summary>
    public bool AnswersDefault(bool hasScores) => _rule == Rule.Best && !hasScores;

    /// <summary>Drawn from everything alike: no order is preferred to another.</summary>
    public bool HasNoPreference(bool hasScores) => _rule == Rule.Random || (!hasScores && _rule is Rule.EpsilonGreedy or Rule.Softmax);

    /// <summary>Candidates from the most to the least preferred: by score, ties as sent; as sent without scores.</summary>
    /// <param name="into">One per candidate, overwritten.</param>
    public void Prefer(CandidateSet set, Span<int> into)
    {
        for (var i = 0; i < into.Length; i++) into[i] = i;
        if (UsesScores && set.HasScores) Order(set.ScoreBuffer, set.Shares.AsSpan(0, into.Length), into);
    }

    /// <summary>From the highest to the lowest score, ties as sent.</summary>
    /// <param name="scores">One per candidate.</param>
    /// <param name="keys">Scratch, one per candidate.</param>
    /// <param name="into">The candidates as sent; put in order.</param>
    internal static void Order(ReadOnlySpan<double> scores, Span<double> keys, Span<int> into)
    {
        for (var i = 0; i < keys.Length; i++) keys[i] = -scores[i]; // ascending by −score; a stable order by making ties differ in nothing but place
        keys.Sort(into);
        for (var from = 0; from < keys.Length;)
        {
            var until = from + 1;
            while (until < keys.Length && keys[until] == keys[from]) until++;
            if (until - from > 1) into[from..until].Sort();
            from = until;
        }
    }

    /// <summary>The distribution of the next place.</summary>
    /// <param name="remaining">Who is not placed yet, the most preferred first.</param>
    /// <param name="scores">One per candidate as sent; empty without a model.</param>
    /// <param name="shares">One per remaining, overwritten; sums to 1.</param>
    public void Distribute(ReadOnlySpan<int> remaining, ReadOnlySpan<double> scores, Span<double> shares)
    {
        shares.Clear();
        if (HasNoPreference(!scores.IsEmpty)) shares.Fill(1.0 / shares.Length);
        else if (_rule is Rule.AsSent or Rule.Best || (_rule == Rule.EpsilonGreedy && _parameter == 0)) shares[0] = 1;
        else
        {
            var head = shares[..Math.Min(HeadSize, shares.Length)];
            var tail = shares[head.Length..];
            var room = tail.IsEmpty ? 1 : 1 - TailShare;
            if (_rule == Rule.EpsilonGreedy) Greedy(head);
            else Softmax(remaining, scores, head);
            Shares.Lift(head, Math.Max(0.01 / head.Length, 0.001) / room);
            if (tail.IsEmpty) return;
            for (var i = 0; i < head.Length; i++) head[i] *= room;
            tail.Fill(TailShare / tail.Length);
        }
    }

    private void Greedy(Span<double> head)
    {
        head.Fill(_parameter / head.Length);
        head[0] += 1 - _parameter;
    }

    private void Softmax(ReadOnlySpan<int> remaining, ReadOnlySpan<double> scores, Span<double> head)
    {
        var sum = 0.0;
        for (var i = 0; i < head.Length; i++) sum += head[i] = Elementary.Exp((scores[remaining[i]] - scores[remaining[0]]) / _parameter);
        for (var i = 0; i < head.Length; i++) head[i] /= sum;
    }
}
