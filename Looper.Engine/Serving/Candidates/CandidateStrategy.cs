using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning.Bandits;
using Looper.Core.Serving.Explanations;

namespace Looper.Core.Serving.Candidates;

/// <summary>How a blueprint or an arm orders the candidates of one call.</summary>
internal sealed class CandidateStrategy(CandidatePolicy policy, string word, CandidateReader reader, CandidateScorer scorer)
{
    private bool _isFixed;
    private BanditCandidates? _bandit;
    private CandidateScorer? _forArms; // a bandit scores without models; an arm in its place may need them

    /// <param name="learned">What a <see cref="BanditPolicy"/> has learned; null for nothing.</param>
    public static Answered<CandidateStrategy> Compile(PolicySpec spec, BlueprintContent content, IReadOnlyDictionary<string, LiveModel> models, BanditState? learned = null)
    {
        if (spec is BanditPolicy bandit) return Learning(bandit, content, learned, new(content.CandidateFeatures), CandidateScorer.Compile(content, models));
        var policy = CandidatePolicy.Compile(spec);
        return policy.Refusal is { } bad ? bad
            : new CandidateStrategy(policy.Value!, spec.Word, new(content.CandidateFeatures), CandidateScorer.Compile(content, models));
    }

    /// <summary>The same with another policy, as an arm has it.</summary>
    /// <inheritdoc cref="Compile"/>
    public Answered<CandidateStrategy> With(PolicySpec spec, BlueprintContent content, BanditState? learned)
    {
        if (spec is BanditPolicy bandit) return Learning(bandit, content, learned, reader, _forArms ?? scorer);
        var compiled = CandidatePolicy.Compile(spec);
        return compiled.Refusal is { } bad ? bad : new CandidateStrategy(compiled.Value!, spec.Word, reader, _forArms ?? scorer);
    }

    /// <summary>An arm that fixes the order as sent.</summary>
    public CandidateStrategy InOrder() => new(CandidatePolicy.InOrder, "as-sent", reader, scorer) { _isFixed = true };

    /// <summary>Highest number among the models that it asks; 0 where it asks none.</summary>
    public int ModelNumber => policy.UsesScores ? scorer.ModelNumber : 0;

    /// <summary>Kind of the policy, as blueprints write it.</summary>
    public string Word => word;

    /// <inheritdoc cref="CandidateScorer.Explain"/>
    public ImmutableArray<OutcomeExplanation> Explain(ReadOnlySpan<byte> context, ReadOnlySpan<byte> candidate) => scorer.Explain(context, candidate);

    /// <summary>Only ids and features; the order as sent.</summary>
    public void Read(ReadOnlySpan<byte> candidates, CandidateSet set) => reader.Read(candidates, set);

    /// <summary>Scores where the policy asks for it; false when the models give no answer.</summary>
    public bool Score(DecisionWorkspace workspace)
    {
        workspace.Candidates.HasScores = false;
        if (_bandit is not null)
        {
            _bandit.Score(workspace);
            return true;
        }
        if (!policy.UsesScores || !scorer.IsReady) return !(policy.UsesScores && scorer.IsBroken);
        return scorer.Score(workspace);
    }

    /// <summary>Draws the places one after the other and notes each one's exact propensity.</summary>
    /// <param name="places">How many are drawn.</param>
    /// <param name="streams">One per place.</param>
    /// <param name="isPick">One place; then every candidate's share of it is noted.</param>
    /// <returns>Why it came out so.</returns>
    public Reason Draw(CandidateSet set, int places, bool isPick, ReadOnlySpan<ulong> streams, ReadOnlySpan<byte> decisionId)
    {
        var remaining = set.Remaining.AsSpan(0, set.Count);
        policy.Prefer(set, remaining);
        var isPreferred = _bandit?.Prefers ?? !policy.HasNoPreference(set.HasScores);
        var own = _bandit?.Own ?? 1;
        places = Math.Min(places, set.Count);
        for (var place = 0; place < places; place++)
        {
            var shares = set.Shares.AsSpan(0, remaining.Length);
            Distribute(set, remaining, own, shares);
            var drawn = Assignment.Pick(Assignment.Uniform(streams[place], decisionId), shares);
            own = _bandit?.OwnAfter(set, shares, drawn, own) ?? 1;
            isPreferred &= drawn == (_bandit?.PreferredOf(remaining) ?? 0);
            set.OrderBuffer[place] = remaining[drawn];
            set.PropensityBuffer[place] = shares[drawn];
            if (isPick)
            {
                for (var i = 0; i < shares.Length; i++)
                {
                    if (i != drawn) set.PropensityBuffer[i < drawn ? i + 1 : i] = shares[i];
                }
            }
            remaining[..drawn].CopyTo(remaining[1..]);
            remaining = remaining[1..];
        }
        remaining.CopyTo(set.OrderBuffer[places..]);
        (set.IsPick, set.Drawn) = (isPick, isPick ? set.Count : places);
        return _isFixed ? Reason.Experiment : policy.AnswersDefault(set.HasScores) ? Reason.DefaultNoModel : isPreferred ? Reason.Policy : Reason.Explore;
    }

    /// <summary>What this policy gives to an order that was drawn elsewhere.</summary>
    /// <param name="propensities">For <c>pick</c> one per candidate along the order; for <c>ranking</c> one per drawn place. Overwritten.</param>
    public void Judge(CandidateSet set, bool isPick, Span<double> propensities)
    {
        var remaining = set.Remaining.AsSpan(0, set.Count);
        policy.Prefer(set, remaining);
        var own = _bandit?.Own ?? 1;
        for (var place = 0; place < propensities.Length; place++)
        {
            var shares = set.Shares.AsSpan(0, remaining.Length);
            Distribute(set, remaining, own, shares);
            if (isPick)
            {
                for (var i = 0; i < propensities.Length; i++) propensities[i] = shares[remaining.IndexOf(set.OrderBuffer[i])];
                return;
            }
            var at = remaining.IndexOf(set.OrderBuffer[place]);
            propensities[place] = shares[at];
            own = _bandit?.OwnAfter(set, shares, at, own) ?? 1;
            remaining[..at].CopyTo(remaining[1..]);
            remaining = remaining[1..];
        }
    }

    private static Answered<CandidateStrategy> Learning(BanditPolicy policy, BlueprintContent content, BanditState? learned, CandidateReader reader, CandidateScorer forArms)
    {
        var learning = BanditCandidates.Compile(policy, content, learned);
        return learning.Refusal is { } unfit ? unfit : new CandidateStrategy(CandidatePolicy.Learned, policy.Word, reader, CandidateScorer.None) { _bandit = learning.Value, _forArms = forArms };
    }

    private void Distribute(CandidateSet set, ReadOnlySpan<int> remaining, double own, Span<double> shares)
    {
        if (_bandit is null) policy.Distribute(remaining, set.Scores, shares);
        else _bandit.Distribute(set, remaining, own, shares);
    }
}
