using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning.Bandits;
using Looper.Core.Serving.Candidates;

namespace Looper.Core.Serving;

/// <summary>A bandit among candidates as published, for one blueprint version: context and candidates as served → the exact chance of each.</summary>
internal sealed class BanditCandidates
{
    private readonly BanditDesign? _design;
    private readonly ModelEncoder? _context, _candidate;
    private readonly CandidatePenalty? _penalty;
    private readonly double _explore, _budget;
    private readonly int _shown;

    private BanditCandidates(BanditPolicy policy, BlueprintContent content, BanditState? state)
    {
        (_explore, _budget, _shown) = (policy.Explore, policy.Budget ?? 1, AsSentShare.Shown(content));
        if (state is null) return;
        var (columns, settings) = (state.Design.Columns, BanditKnowledge.SettingsOf(policy, BanditKnowledge.RangeOf(content)));
        (_design, _context, _candidate) = (state.Design, new(columns, content.Features, []), new(columns, content.CandidateFeatures, []));
        Bandit = SharedBandit.Of(state.Statistics, settings);
        if (state.Guards is { } guards && guards.Multipliers.Any(m => m != 0)) _penalty = CandidatePenalty.Of([.. guards.Harms.Select(h => OutcomeBelief.OfShared(h, settings.Ridge))], guards.Multipliers);
    }

    /// <summary>What it believes; null while nothing is known.</summary>
    public SharedBandit? Bandit { get; }

    /// <summary>What guardrails leave to the candidates as sent; null for nothing.</summary>
    public AsSentShare? Held { get; private init; }

    /// <summary>Share of decisions that are not left to the candidates as sent.</summary>
    public double Own => 1 - (Held?.Share ?? 0);

    /// <summary>Something is preferred: what is believed best, or, where nothing is known, the first one sent by a budget or by guardrails.</summary>
    public bool Prefers => Bandit is not null || _budget < 1 || Held is not null;

    /// <summary>Refused where the policy cannot be served for candidates. One whose guardrails were not learned of gives the candidates as sent.</summary>
    public static Answered<BanditCandidates> Compile(BanditPolicy policy, BlueprintContent content, BanditState? state)
    {
        if ((BanditCheck.Fault(policy, "policy") ?? BanditCheck.FaultOfCandidates(policy, "policy")) is { } bad) return bad;
        if (state?.IsOfCandidates != true || state.IsOfPlaces != (content.Shape == DecisionShape.Ranking)) state = null;
        if (content.Goal.Guardrails.IsEmpty) return new BanditCandidates(policy, content, state is null ? null : state with { Guards = null });
        var isKnown = state?.Guards is { } known && known.IsFor(BanditGuarding.MeaningsOf(content), DecisionShapes.AsSent);
        var held = isKnown ? 1 - state!.Guards!.Share : 1;
        return new BanditCandidates(policy, content, isKnown ? state : null) { Held = held > 0 ? new(held, policy.Explore) : null };
    }

    /// <summary>Writes what is expected of each candidate in the workspace, less what its harm costs, and how far from it may be.</summary>
    public void Score(DecisionWorkspace workspace)
    {
        var set = workspace.Candidates;
        set.HasScores = Bandit is not null;
        if (Bandit is null) return;
        var row = workspace.Row(_context!.Width);
        _context.Encode(workspace.Served, row);
        Span<double> x = stackalloc double[BanditDesign.MostWidth], scratch = stackalloc double[BanditDesign.MostWidth];
        x = x[.._design!.Width];
        var estimates = set.ScoreBuffer;
        var votes = set.VotesOf(Bandit.Voters);
        for (var i = 0; i < estimates.Length; i++)
        {
            _candidate!.EncodeOver(set.Served(i), row);
            _design.Write(row, x);
            var penalty = _penalty?.Of(x, i < _shown, scratch) ?? 0;
            estimates[i] = Bandit.Estimate(x, penalty);
            if (Bandit.AsksDoubt) set.Doubts[i] = Bandit.Doubt(x, scratch);
            Bandit.Vote(x, votes.Slice(i * Bandit.Voters, Bandit.Voters), penalty);
        }
    }

    /// <summary>Writes the exact chances of the next place.</summary>
    /// <param name="remaining">Who is not placed yet, the most preferred first.</param>
    /// <param name="own">Probability, given the places above, that this decision is not left to the candidates as sent: <see cref="Own"/> at the first.</param>
    /// <param name="shares">One per remaining, overwritten; sums to 1.</param>
    public void Distribute(CandidateSet set, ReadOnlySpan<int> remaining, double own, Span<double> shares)
    {
        Believed(remaining, set.ScoreBuffer, set.Doubts, Bandit is null ? [] : set.VotesOf(Bandit.Voters), shares);
        if (Held is null) return;
        shares.CopyTo(set.Believed);
        Held.MixInto(shares, remaining, own);
    }

    /// <summary>The same probability once the next place is filled.</summary>
    /// <param name="shares">As <see cref="Distribute"/> left them.</param>
    /// <param name="drawn">Who fills it, by his place among the remaining.</param>
    public double OwnAfter(CandidateSet set, ReadOnlySpan<double> shares, int drawn, double own) => Held is null ? 1 : Math.Min(1, own * set.Believed[drawn] / shares[drawn]);

    /// <summary>Who of the remaining is preferred: the next as sent where those have more than half.</summary>
    public int PreferredOf(ReadOnlySpan<int> remaining) => Held is { Share: > 0.5 } ? AsSentShare.FirstOf(remaining) : 0;

    /// <summary>Before what guardrails leave to the candidates as sent. The budget holds at each place: what goes to others than the best of those left.</summary>
    /// <param name="estimates">One per candidate, and so on: see <see cref="SharedBandit.Distribute"/>.</param>
    public void Believed(ReadOnlySpan<int> remaining, ReadOnlySpan<double> estimates, ReadOnlySpan<double> doubts, ReadOnlySpan<double> votes, Span<double> shares)
    {
        if (Bandit is null) shares.Fill(1.0 / shares.Length);
        else Bandit.Distribute(remaining, estimates, doubts, votes, shares);
        if (_budget < 1) ExplorationRules.Hold(shares, 0, _budget, SharedBandit.EvenShare(_explore) / shares.Length);
    }
}
